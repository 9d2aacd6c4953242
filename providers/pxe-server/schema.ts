import { z } from "zod";
import { hostTargetSchema } from "../ssh-target-schema.js";
import type { Candidate } from "./parse-candidates.js";

const ipv4 = z.ipv4();
const name = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "lower-case letters, digits and hyphens");

/** How machines on the provisioning network get their address. */
export const dhcpSchema = z.object({
  /**
   * `full`: Flint gives out addresses. `proxy`: another server does, Flint adds what a machine needs to boot. `external`:
   * another server does both, Flint serves TFTP and HTTP.
   */
  mode: z.enum(["full", "proxy", "external"]),
  /** First and last address for machines that Flint does not know. Without it they get none. Only in mode `full`. */
  range: z.tuple([ipv4, ipv4]).optional(),
  /** Seconds that an unknown machine may keep its address. */
  leaseTime: z.number().int().min(120).default(3600),
  /** The host is in another network than `cidr`: a router relays the machines' requests. Default: it is in it. */
  relay: z.boolean().optional(),
});

export const inputsSchema = z.object({
  self: z.string().optional(),
  /** Name of the cluster: directories and units on the host are named after it. A change replaces the server. */
  cluster: name,
  /** The provisioning host. */
  host: hostTargetSchema,
  /** Network interface of the provisioning host on the provisioning network. */
  interface: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/, "the name of a network interface"),
  /** The provisioning host's address on that interface. */
  address: ipv4,
  /** The provisioning network. */
  cidr: z.cidrv4(),
  /** Where machines fetch files: `http://10.0.100.1`, without a slash at the end. Port 80 unless it names another. */
  httpUrl: z.string().regex(/^http:\/\/[0-9.]+(:[0-9]{1,5})?$/, "http://<address>[:<port>]"),
  dhcp: dhcpSchema,
  /** Name servers that machines are told. */
  dns: z.array(ipv4).default([]),
  /** Default route that machines are told. */
  gateway: ipv4.optional(),
  /** DNS domain that machines are told. */
  domain: z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, "a DNS domain"),
});

/** What a provisioning host shall serve to one provisioning network. */
export type PxeInputs = z.infer<typeof inputsSchema>;

export interface PxeOutputs {
  /** What iPXE loads first. */
  bootUrl: string;
  /** Versions of the programs that serve. */
  dnsmasq: string;
  nginx: string;
  /** Machines that asked to boot and that nobody declared, newest first. Absent in states of older releases. */
  candidates?: Candidate[];
  /** What differed from the declaration when it was last looked at; empty when all is as it should be. */
  drift: string[];
}

/** Flint's directory for a cluster on its provisioning host. */
export function rootOf(cluster: string): string {
  return `/var/lib/flint/${cluster}`;
}
