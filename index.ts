// First: it makes the next import quicker.
import "./components/lazy-sdk.js";

import * as pulumi from "@pulumi/pulumi";
import { ClusterComponent } from "./components/index.js";
import { clusterConfig } from "./components/stack-config.js";

/** The Pulumi program: one cluster, as `flint:cluster` of the stack describes it. */
const cluster = new ClusterComponent(pulumi.getStack(), clusterConfig());

const { members, endpoints, health, healthReport, ca, clusterInfo, candidates, dhcpOptions } = cluster;
// Pulumi warns in every run of an output that is undefined.
export = { members, endpoints, health, healthReport, ca, clusterInfo, candidates, ...(dhcpOptions && { dhcpOptions }) };
