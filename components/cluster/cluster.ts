import * as pulumi from "@pulumi/pulumi";
import { requireSupportedNode } from "../../foundation/supported-node.js";
import type { ClusterHealth } from "../../providers/cluster-health/resource.js";
import type { ExternalDhcp } from "../../providers/pxe-server/render/external-dhcp/boot-options.js";
import { externalDhcpOptions } from "../../providers/pxe-server/render/external-dhcp/options.js";
import type { PxeServer } from "../../providers/pxe-server/resource.js";
import type { ClusterArgs, Profile } from "./args.js";
import { withDebugLinesTogether } from "./debug-lines.js";
import { neighbourProblems } from "./neighbours.js";
import { parallelismWarnings, resourcesAtOnce } from "./parallelism.js";
import { type ClusterPlan, type NodePlan, planCluster } from "./plan.js";
import { readCluster } from "./problems.js";
import { programWarnings } from "./program-warnings.js";
import { projectDirectory } from "./project.js";
import { configInvalid } from "./report.js";
import type { Cluster } from "./schema.js";
import { withoutStackTraces } from "./short-stack.js";
import { namedSourceProblems, readSources, type Sources } from "./sources.js";
import { type Checked, Stage } from "./stage.js";

/** One machine as the cluster's users see it. */
export interface MemberInfo {
  profile: Profile;
  addresses: { provisioning: string; cluster: string };
  /** True when it votes in Chainfire and FlareDB. */
  voter: boolean;
  /** Host key to expect, as one line of a known_hosts file without the host. */
  sshHostKey: pulumi.Output<string>;
}

/** Everything a client needs to talk to the cluster; as a kubeconfig, but in one flat table. */
export interface ClusterInfo {
  name: string;
  domain: string;
  /** Service → URLs, bootstrap members first. */
  endpoints: Endpoints;
  ca: string;
  clientCert: string;
  clientKey: string;
  /** Logs in as root on every machine; OpenSSH format. */
  loginKey: string;
}

export interface Endpoints {
  chainfire: string[];
  flaredb: string[];
  iam: string[];
  plasmavmc: string[];
}

/**
 * A cluster of bare-metal machines: provisioning host, netboot images, certificates, machines, members, health.
 *
 * All problems of `args` are found before the first resource is registered and thrown as one FlintError
 * `CONFIG_INVALID`. Adding a machine touches that machine only.
 *
 * ```ts
 * const cluster = new ClusterComponent("dev", { name: "dev", domain: "dev.example.com", ... });
 * export const { members, endpoints, health } = cluster;
 * ```
 */
export class ClusterComponent extends pulumi.ComponentResource {
  /** By name. A plain table, so that a preview knows all of a new member but its host key. */
  readonly members: Record<string, MemberInfo>;
  readonly endpoints: pulumi.Output<Endpoints>;
  /** Secret: holds the operator's client key and the login key. */
  readonly clusterInfo: pulumi.Output<ClusterInfo>;
  /** PEM of the cluster's CA. */
  readonly ca: pulumi.Output<string>;
  /** PEM of the operator's client certificate, CN `flint-operator`. */
  readonly clientCert: pulumi.Output<string>;
  /** Secret. */
  readonly clientKey: pulumi.Output<string>;
  /** What ClusterHealth saw, and when: nodes that were only added since are not in it. */
  readonly health: pulumi.Output<string>;
  /** The same for a monitor: state (healthy, degraded, failed), members and quorum by service, every endpoint's answer. */
  readonly healthReport: ClusterHealth["report"];
  /** Machines that asked to boot on the provisioning network and that nobody declared; a refresh looks again, a preview tells. */
  readonly candidates: PxeServer["candidates"];

  /**
   * Where another DHCP server gives out the boot files, too (`pxe.dhcp.mode: external`): what its administrator puts into ISC
   * dhcpd, Kea, dnsmasq or RouterOS. Known before anything is touched.
   */
  readonly dhcpOptions: ReturnType<typeof externalDhcpOptions> | undefined;

  constructor(name: string, args: ClusterArgs, options?: pulumi.ComponentResourceOptions) {
    requireSupportedNode();
    const checked = checkArgs(args, `cluster ${name}`);
    super("flint:index:ClusterComponent", name, {}, options);
    for (const warning of checked.warnings) void pulumi.log.warn(warning, this);

    const { plan, cluster } = checked;
    this.dhcpOptions = cluster.pxe.dhcp.mode === "external" ? externalDhcpOptions(dhcpOf(cluster, plan)) : undefined;
    if (this.dhcpOptions !== undefined) void pulumi.log.info(TELL_ADMINISTRATOR, this);
    // The last of them.
    const registered = ({ health }: ReturnType<Stage["build"]>) => promised(health.urn);
    const { health, pki, hostKeys, server } = withDebugLinesTogether(
      () => withoutStackTraces(() => new Stage(this, checked).build(), registered),
      registered,
    );
    const endpoints = endpointsOf(cluster, plan);
    this.members = Object.fromEntries(
      hostKeys.map(([node, sshHostKey]) => [node.name, { ...memberInfo(node), sshHostKey }]),
    );
    this.endpoints = pulumi.output(endpoints);
    this.ca = pki.ca;
    this.clientCert = pki.operator.cert;
    this.clientKey = pulumi.secret(pki.operator.key);
    this.clusterInfo = pulumi.secret({
      name: cluster.name,
      domain: cluster.domain,
      endpoints,
      ca: pki.ca,
      clientCert: pki.operator.cert,
      clientKey: pki.operator.key,
      loginKey: pki.loginKey.privateKey,
    });
    this.health = pulumi.all([health.summary, health.checkedAt]).apply(([summary, at]) => asOf(summary, at));
    this.healthReport = health.report;
    this.candidates = server.candidates;
    // Not the members: the engine handles each value of hundreds of machines by itself, and the stack's outputs name them, too.
    this.registerOutputs({ health: this.health });
  }
}

function promised<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

const TELL_ADMINISTRATOR =
  "pxe.dhcp.mode is external: the administrator of the DHCP server finds its options in `pulumi stack output dhcpOptions`.";

function dhcpOf(cluster: Cluster, { address, httpUrl }: ClusterPlan): ExternalDhcp {
  const machines = Object.entries(cluster.nodes).map(([name, { mac, addresses }]) => ({
    name,
    mac,
    address: addresses.provisioning,
  }));
  return { cluster: cluster.name, cidr: cluster.networks.provisioning.cidr, address, httpUrl, machines };
}

/** "3 nodes healthy; … (2026-11-23 08:44 UTC)". */
function asOf(summary: string, checkedAt: string): string {
  return checkedAt === "" ? summary : `${summary} (${checkedAt.slice(0, 16).replace("T", " ")} UTC)`;
}

/** Every problem at once: of the configuration itself, and of the files that it names. */
function checkArgs(args: unknown, subject: string): Checked {
  const { cluster, problems, warnings } = readCluster(args);
  const directory = projectDirectory();
  if (cluster === undefined) throw configInvalid(subject, [...problems, ...namedSourceProblems(args, directory)]);
  const { sources, problems: unreadable } = readSources(cluster, directory);
  if (unreadable.length > 0) throw configInvalid(subject, unreadable);
  const together = neighbourProblems(cluster);
  if (together.length > 0) throw configInvalid(subject, together);
  const waves = parallelismWarnings(Object.keys(cluster.nodes).length, resourcesAtOnce());
  const programs = programWarnings(ipmiMachines(sources));
  return { cluster, plan: planCluster(cluster), sources, warnings: [...warnings, ...programs, ...waves] };
}

function ipmiMachines({ bmc }: Sources): string[] {
  return Object.keys(bmc).filter((name) => bmc[name]?.type === "ipmi");
}

function memberInfo({ data, voter }: NodePlan): Omit<MemberInfo, "sshHostKey"> {
  const { provisioning, cluster } = data.networks;
  return {
    profile: data.profile,
    addresses: { provisioning: provisioning.address, cluster: cluster.address },
    voter,
  };
}

function endpointsOf(cluster: Cluster, plan: ClusterPlan): Endpoints {
  const names = [...plan.bootstrap, ...Object.keys(plan.nodes).filter((name) => !plan.bootstrap.includes(name))];
  const urls = (port: number, of: (node: NodePlan) => boolean) =>
    names.flatMap((name) => {
      const node = plan.nodes[name];
      return node !== undefined && of(node) ? [`https://${node.data.networks.provisioning.address}:${port}`] : [];
    });
  const { chainfire, flaredb, iam, plasmavmc } = cluster.services;
  return {
    chainfire: urls(chainfire.apiPort, (node) => node.voter),
    flaredb: urls(flaredb.apiPort, (node) => node.voter),
    iam: urls(iam.port, (node) => node.voter),
    plasmavmc: urls(plasmavmc.port, () => true),
  };
}
