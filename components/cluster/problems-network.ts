import { addressNumber, addressText, holdsHost, hostRange, type Network, overlap } from "./ipv4.js";
import type { Problem } from "./problem.js";
import type { ClusterView, NetworkView, Placed } from "./view.js";

/** Problems of networks and of who has which address in them. */
export function networkProblems(view: ClusterView): Problem[] {
  const { provisioning, cluster } = view.networks;
  return [
    ...cidrProblems(provisioning),
    ...cidrProblems(cluster),
    ...overlapProblems(provisioning, cluster),
    ...[provisioning, cluster].flatMap(({ gateway, network, name }) => outside(gateway, network, name)),
    ...(view.pxe.relay ? [] : outside(view.pxe.address, provisioning.network, "provisioning", pxeRemedy(view))),
    ...relayProblems(view),
    ...mtuProblems(view),
    ...poolProblems(view),
    ...view.nodes.flatMap((node) => [
      ...outside(node.provisioning, provisioning.network, "provisioning"),
      ...outside(node.cluster, cluster.network, "cluster"),
      ...insidePool(view, node.provisioning),
    ]),
  ];
}

function cidrProblems({ cidr, network }: NetworkView): Problem[] {
  if (cidr === undefined || network === undefined || cidr.value === network.cidr) return [];
  return [
    {
      path: cidr.path,
      found: `"${cidr.value}" is an address in the network, not the network`,
      allowed: network.cidr,
      remedy: `Write ${network.cidr}.`,
    },
  ];
}

function overlapProblems(one: NetworkView, other: NetworkView): Problem[] {
  if (!one.network || !other.network || !other.cidr || !overlap(one.network, other.network)) return [];
  return [
    {
      path: other.cidr.path,
      found: `"${other.cidr.value}" overlaps with ${one.network.cidr} of networks.${one.name}`,
      allowed: "two networks without a common address",
      remedy: "Give one of them another range.",
    },
  ];
}

/** Untagged networks on one card have the card's one MTU. */
function mtuProblems({ networks: { provisioning, cluster }, nodes }: ClusterView): Problem[] {
  if (provisioning.mtu === cluster.mtu || cluster.vlan !== undefined) return [];
  const shared = nodes.find(({ macs }) => !macs.some(({ path }) => path.endsWith(".clusterMac")));
  if (shared === undefined) return [];
  const told = (mtu: number | undefined) => (mtu === undefined ? "none" : String(mtu));
  return [
    {
      path: "networks.cluster.mtu",
      found: `${told(cluster.mtu)}, and ${told(provisioning.mtu)} on networks.provisioning, which shares the card of ${shared.name}`,
      allowed: "the same on both, where a machine has no clusterMac",
      remedy: "Set both alike, give the machine a card of its own, or a vlan to networks.cluster.",
    },
  ];
}

function pxeRemedy(view: ClusterView): string | undefined {
  return view.pxe.address?.path === "pxe.host.ssh"
    ? "Set pxe.address to the host's address on the provisioning network."
    : undefined;
}

function relayProblems({ pxe, networks: { provisioning } }: ClusterView): Problem[] {
  if (!pxe.relay) return [];
  const problems: Problem[] = [];
  if (pxe.mode === "proxy") {
    problems.push({
      path: "pxe.dhcp.relay",
      found: "true in mode proxy",
      allowed: "a relay in mode full or external",
      remedy: "Choose another mode: the boot files come with the address, or not at all.",
    });
  }
  if (!provisioning.hasGateway) {
    problems.push({
      path: "networks.provisioning.gateway",
      found: "missing, and pxe.dhcp.relay is true",
      allowed: "the router's address in the machines' network",
      remedy: "Add it: machines fetch their boot files from another network.",
    });
  }
  return problems;
}

function outside(address: Placed | undefined, network: Network | undefined, name: string, remedy?: string): Problem[] {
  if (address === undefined || network === undefined || holdsHost(network, address.value)) return [];
  return [
    {
      path: address.path,
      found: `"${address.value}" is outside of networks.${name}, ${network.cidr}`,
      allowed: hostRange(network),
      remedy: remedy ?? `Take an address of the network, or correct networks.${name}.cidr.`,
    },
  ];
}

function poolProblems(view: ClusterView): Problem[] {
  const { pxe } = view;
  const network = view.networks.provisioning.network;
  const path = "pxe.dhcp.range";
  const problems: Problem[] = [];
  if ((pxe.mode === "proxy" || pxe.mode === "external") && pxe.hasRange) {
    problems.push({
      path,
      found: `a range in mode ${pxe.mode}`,
      allowed: "none: the other DHCP server gives out the addresses",
      remedy: "Remove the range, or choose mode full.",
    });
  }
  if (pxe.range === undefined) return problems;
  const [from, to] = pxe.range;
  if (network !== undefined && !(holdsHost(network, from) && holdsHost(network, to))) {
    problems.push({
      path,
      found: `${from}–${to} is not inside of networks.provisioning, ${network.cidr}`,
      allowed: hostRange(network),
      remedy: "Take both addresses from the network, or correct networks.provisioning.cidr.",
    });
  }
  if ((addressNumber(from) ?? 0) > (addressNumber(to) ?? 0)) {
    problems.push({
      path,
      found: `${from}–${to} runs backwards`,
      allowed: "the lower address first",
      remedy: `Write [${to}, ${from}].`,
    });
  }
  problems.push(...insidePool(view, pxe.address), ...insidePool(view, view.networks.provisioning.gateway));
  return problems;
}

function insidePool(view: ClusterView, address: Placed | undefined): Problem[] {
  if (address === undefined || view.pxe.range === undefined) return [];
  const [from, to] = view.pxe.range.map((each) => addressNumber(each) ?? 0) as [number, number];
  const value = addressNumber(address.value) ?? -1;
  if (value < from || value > to) return [];
  return [
    {
      path: address.path,
      found: `"${address.value}" is inside of pxe.dhcp.range, ${addressText(from)}–${addressText(to)}`,
      allowed: "an address that DHCP does not give to other machines",
      remedy: "Take an address outside of the range, or make the range smaller.",
    },
  ];
}
