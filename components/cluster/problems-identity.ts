import type { Problem } from "./problem.js";
import type { ClusterView, NodeView, Placed } from "./view.js";

/** Two owners of what only one can have: cards, addresses, BMCs, serial numbers, disks, ports. */
export function identityProblems(view: ClusterView): Problem[] {
  const { nodes } = view;
  const addresses: (Placed | undefined)[] = [
    view.networks.provisioning.gateway,
    view.networks.cluster.gateway,
    view.pxe.address,
    ...nodes.flatMap((node) => [node.provisioning, node.cluster, bmcAddress(node.bmc)]),
  ];
  return [
    ...twice(
      nodes.flatMap((node) => node.macs),
      "one card, one MAC",
      "Copy each machine's own MAC address.",
    ),
    ...twice(addresses, "one machine or service per address", "Give one of them another address.", mayShareAddress),
    ...sharedBmcs(nodes),
    ...twice(
      nodes.map((node) => node.serial),
      "one machine per serial number",
      "Copy each machine's own serial number.",
    ),
    ...twice(
      nodes.map((node) => node.uuid),
      "one machine per UUID",
      "Copy each machine's own UUID; where the maker gave all the same, leave it out.",
    ),
    ...twice(
      nodes.flatMap((node) => node.disks.map((disk) => disk.serial)),
      "one disk per serial number",
      "Copy each disk's own serial number.",
    ),
    ...twice(
      nodes.flatMap((node) => node.disks.map((disk) => disk.wwn)),
      "one disk per WWN",
      "Copy each disk's own WWN.",
    ),
    ...twice(view.ports, "one service per port", "Give one of them another port."),
  ];
}

/** Two machines behind one BMC, whether it is reached by Redfish or by IPMI: only systems of Redfish tell them apart. */
function sharedBmcs(nodes: readonly NodeView[]): Problem[] {
  const problems: Problem[] = [];
  const seen: { bmc: string[]; system: string | undefined; path: string }[] = [];
  for (const { bmc } of nodes) {
    const named = bmc?.redfish ?? bmc?.ipmi;
    if (bmc === undefined || named === undefined) continue;
    const system = bmc.redfish === undefined ? undefined : bmc.system?.replace(/\/+$/, "");
    const own = { bmc: namesOf(bmc), system, path: named.path };
    const other = seen.find(
      (each) =>
        each.bmc.some((name) => own.bmc.includes(name)) &&
        (each.system === undefined || own.system === undefined || each.system === own.system),
    );
    seen.push(own);
    if (other === undefined) continue;
    problems.push({
      path: own.path,
      found: `${JSON.stringify(named.value)} is also ${other.path}`,
      allowed: "one machine per BMC, or one per `system` of a Redfish BMC",
      remedy: "Copy each machine's own BMC address, or name the `system` of each of them.",
    });
  }
  return problems;
}

/** What a BMC is known by. On their usual ports, Redfish and IPMI of one address are one BMC; others may be forwarded. */
function namesOf({ redfish, ipmi }: NonNullable<NodeView["bmc"]>): string[] {
  if (redfish !== undefined) {
    const { hostname, port } = new URL(redfish.value);
    return [redfish.value, ...(port === "" ? [`BMC ${hostname}`] : [])];
  }
  if (ipmi === undefined) return [];
  return [`ipmi ${ipmi.value}`, ...(ipmi.value.includes(":") ? [] : [`BMC ${ipmi.value}`])];
}

/** A BMC that is named by its address occupies that address. */
function bmcAddress(bmc: NodeView["bmc"]): Placed | undefined {
  const named = bmc?.redfish ?? bmc?.ipmi;
  if (named === undefined) return undefined;
  const host = named === bmc?.redfish ? new URL(named.value).hostname : named.value.replace(/:\d+$/, "");
  return /^\d+(\.\d+){3}$/.test(host) ? { value: host, path: named.path } : undefined;
}

/** The provisioning host may be the router, and one BMC may serve several machines. */
function mayShareAddress(one: string, other: string): boolean {
  const isBmc = (path: string) => /[.]bmc[.](redfish|ipmi)$/.test(path);
  const isNode = (path: string) => path.startsWith("nodes.");
  return (isBmc(one) && isBmc(other)) || (!isNode(one) && !isNode(other));
}

function twice<T extends string | number>(
  all: (Placed<T> | undefined)[],
  allowed: string,
  remedy: string,
  mayShare: (one: string, other: string) => boolean = () => false,
): Problem[] {
  const owners = new Map<T, string>();
  const problems: Problem[] = [];
  for (const each of all) {
    if (each === undefined) continue;
    const owner = owners.get(each.value);
    if (owner === undefined) owners.set(each.value, each.path);
    else if (!mayShare(owner, each.path)) {
      problems.push({ path: each.path, found: `${JSON.stringify(each.value)} is also ${owner}`, allowed, remedy });
    }
  }
  return problems;
}
