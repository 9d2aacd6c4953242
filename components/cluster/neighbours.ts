import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "./problem.js";
import type { Cluster } from "./schema.js";

/** What a cluster has that another in the same program must not have. */
interface Declared {
  name: string;
  prefix: string;
  host: string;
  interface: string;
  /** What only one machine can have, and by which Pulumi reaches it: value → path. */
  owned: ReadonlyMap<string, string>;
}

/** By the program's connection to the engine: tests run several programs in one process. */
const declared = new WeakMap<object, Declared[]>();

/**
 * Problems of a cluster with those that the program declared before it, which are remembered here. Only a program knows
 * more than one: two stacks meet on the host itself, where the lock and the occupied ports tell them.
 */
export function neighbourProblems(cluster: Cluster): Problem[] {
  const program: object | undefined = pulumi.runtime.getMonitor();
  if (program === undefined) return [];
  const others = declared.get(program) ?? [];
  const { name, prefix, pxe } = cluster;
  const own: Declared = { name, prefix, host: placeOf(pxe.host), interface: pxe.interface, owned: ownedBy(cluster) };
  const problems = others.flatMap((other) => conflicts(own, other));
  if (problems.length === 0) declared.set(program, [...others, own]);
  return problems;
}

function placeOf(host: Cluster["pxe"]["host"]): string {
  if ("local" in host) return "this machine";
  const at = ({ ssh, port }: { ssh: string; port: number }) => `${ssh.slice(ssh.indexOf("@") + 1)}:${port}`;
  return host.jump === undefined ? at(host) : `${at(host)} via ${at(host.jump)}`;
}

/** Networks behind different hosts may be alike; their machines and BMCs are reached from one place, without a jump host. */
function ownedBy({ nodes }: Cluster): Map<string, string> {
  const owned = new Map<string, string>();
  for (const [name, { mac, clusterMac, addresses, bmc }] of Object.entries(nodes)) {
    const path = `nodes.${name}`;
    owned.set(mac, `${path}.mac`);
    if (clusterMac !== undefined) owned.set(clusterMac, `${path}.clusterMac`);
    owned.set(addresses.provisioning, `${path}.addresses.provisioning`);
    const system = bmc.system === undefined ? "" : ` ${bmc.system}`;
    if (bmc.redfish !== undefined) owned.set(`${bmc.redfish}${system}`, `${path}.bmc.redfish`);
    if (bmc.ipmi !== undefined) owned.set(`${bmc.ipmi}`, `${path}.bmc.ipmi`);
  }
  return owned;
}

function conflicts(own: Declared, other: Declared): Problem[] {
  const problems: Problem[] = [...own.owned].flatMap(([value, path]) => {
    const elsewhere = other.owned.get(value);
    return elsewhere === undefined ? [] : [twice(path, value, elsewhere, other.name)];
  });
  if (own.prefix === other.prefix) {
    problems.push({
      path: "prefix",
      found: `${own.prefix === "" ? "missing" : `"${own.prefix}"`}, as in cluster ${other.name} of the same program`,
      allowed: "another one for each cluster: resources of one stack have different names",
      remedy: `Add \`prefix: ${own.name}-\`.`,
    });
  }
  if (own.host !== other.host) return problems;
  if (own.name === other.name) {
    problems.push({
      path: "name",
      found: `"${own.name}", as another cluster on the same provisioning host`,
      allowed: "another name: directories and units on the host are named after it",
      remedy: "Rename the cluster that is not installed yet.",
    });
  } else if (own.interface === other.interface) {
    problems.push({
      path: "pxe.interface",
      found: `"${own.interface}", on which cluster ${other.name} gives out addresses from the same host`,
      allowed: "another interface: one network has one DHCP server",
      remedy: "Name the interface on this rack's own network, or declare the machines in one cluster.",
    });
  }
  return problems;
}

function twice(path: string, value: string, elsewhere: string, cluster: string): Problem {
  return {
    path,
    found: `"${value}" is also ${elsewhere} of cluster ${cluster} in the same program`,
    allowed: "one machine in one cluster, reached by an address and a BMC of its own",
    remedy: "Copy this machine's own value, or declare the machine in one of the clusters only.",
  };
}
