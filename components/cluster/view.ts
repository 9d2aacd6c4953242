import * as formats from "./formats.js";
import { type Network, networkOf } from "./ipv4.js";
import { networkBoot, profile } from "./schema.js";

/**
 * What can be read of a configuration even where other parts of it are wrong, so that all problems are found at once:
 * every field is either well-formed or absent.
 */
export interface ClusterView {
  networks: { provisioning: NetworkView; cluster: NetworkView };
  pxe: {
    address?: Placed;
    /** It is missing, and does not follow from `host`, which is of this kind. */
    needsAddress?: "local" | "ssh";
    mode?: "full" | "proxy" | "external";
    /** The host is in another network than the machines. */
    relay: boolean;
    range?: [string, string];
    hasRange: boolean;
  };
  /** Top-level BMC access that nodes fall back to. */
  bmc: { username: boolean; password: boolean };
  ports: Placed<number>[];
  nodes: NodeView[];
}

/** A value and where it stands. */
export interface Placed<T = string> {
  value: T;
  path: string;
}

export interface NetworkView {
  name: "provisioning" | "cluster";
  network?: Network;
  cidr?: Placed;
  gateway?: Placed;
  /** Something stands there, well-formed or not. */
  hasGateway: boolean;
  mtu?: number;
  vlan?: number;
}

export interface NodeView {
  name: string;
  path: string;
  profile?: "control-plane" | "worker" | "all-in-one";
  bootstrap: boolean;
  /** All cards that are declared; a bond's own card once. */
  macs: Placed[];
  bonds: BondView[];
  provisioning?: Placed;
  cluster?: Placed;
  serial?: Placed;
  uuid?: Placed;
  firmware: "uefi" | "bios";
  networkBoot?: Placed<"pxe" | "uefi-http">;
  /** The system's disk first, then its mirror and the data disk, as far as they are declared. */
  disks: DiskView[];
  bmc?: {
    path: string;
    redfish?: Placed;
    system?: string;
    ipmi?: Placed;
    /** Which of redfish, ipmi, wakeOnLan and manual are declared. */
    kinds: string[];
    /** Keys that stand without the kind that has them, or without each of those. */
    stray: { key: string; kind: string }[];
    username: boolean;
    password: boolean;
  };
}

const BMC_KINDS = ["redfish", "ipmi", "wakeOnLan", "manual"];
/** Kinds that are declared with `true`. */
const FLAGS = ["wakeOnLan", "manual"];
const KEYS_OF_KINDS = [
  { kinds: ["redfish"], keys: ["system", "ca", "fingerprint"] },
  { kinds: ["ipmi"], keys: ["cipherSuite"] },
  { kinds: ["redfish", "ipmi"], keys: ["chassis"] },
];

/** `card`: of the network that the bond serves, where that is declared. */
export interface BondView {
  path: string;
  card?: Placed;
  cardKey: "mac" | "clusterMac";
  members: Placed[];
}

export interface DiskView {
  role: "system" | "mirror" | "data";
  path: string;
  keys: string[];
  serial?: Placed;
  wwn?: Placed;
  kind?: string;
}

type Table = Record<string, unknown>;

function tableOf(value: unknown): Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Table) : {};
}

function placed<T>(table: Table, key: string, path: string, format: formats.Format<T>): Placed<T> | undefined {
  const value = format.read(table[key]);
  return value === undefined ? undefined : { value, path: `${path}.${key}` };
}

function has(table: Table, key: string): boolean {
  return table[key] !== undefined && table[key] !== null;
}

export function viewOf(raw: unknown): ClusterView {
  const root = tableOf(raw);
  const networks = tableOf(root.networks);
  const bmc = tableOf(root.bmc);
  const nodes = tableOf(root.nodes);
  return {
    networks: { provisioning: networkView(networks, "provisioning"), cluster: networkView(networks, "cluster") },
    pxe: pxeView(tableOf(root.pxe)),
    bmc: { username: has(bmc, "username"), password: has(bmc, "password") },
    ports: portsView(tableOf(root.services)),
    nodes: Object.keys(nodes).map((name) => nodeView(name, tableOf(nodes[name]))),
  };
}

function networkView(networks: Table, name: "provisioning" | "cluster"): NetworkView {
  const table = tableOf(networks[name]);
  const path = `networks.${name}`;
  const cidr = placed(table, "cidr", path, formats.cidr);
  return {
    name,
    cidr,
    network: cidr === undefined ? undefined : networkOf(cidr.value),
    gateway: placed(table, "gateway", path, formats.ipv4),
    hasGateway: has(table, "gateway"),
    mtu: formats.mtu.read(table.mtu),
    vlan: formats.vlan.read(table.vlan),
  };
}

function hostWithoutAddress(host: Table, ssh: string | undefined): "local" | "ssh" | undefined {
  if (has(host, "local")) return "local";
  return ssh === undefined ? undefined : "ssh";
}

const DHCP_MODES = ["full", "proxy", "external"] as const;

function pxeView(pxe: Table): ClusterView["pxe"] {
  const ssh = formats.sshAddress.read(tableOf(pxe.host).ssh);
  const host = formats.ipv4.read(ssh?.slice(ssh.indexOf("@") + 1));
  const own = placed(pxe, "address", "pxe", formats.ipv4);
  const dhcp = tableOf(pxe.dhcp);
  const range = Array.isArray(dhcp.range) && dhcp.range.length === 2 ? dhcp.range : [];
  const [from, to] = range.map((each) => formats.ipv4.read(each));
  return {
    address: own ?? (host === undefined ? undefined : { value: host, path: "pxe.host.ssh" }),
    needsAddress: has(pxe, "address") || host !== undefined ? undefined : hostWithoutAddress(tableOf(pxe.host), ssh),
    mode: DHCP_MODES.find((mode) => mode === dhcp.mode),
    relay: dhcp.relay === true,
    range: from === undefined || to === undefined ? undefined : [from, to],
    hasRange: has(dhcp, "range"),
  };
}

const PORTS = [
  ["chainfire", "apiPort", 2379],
  ["chainfire", "raftPort", 2380],
  ["flaredb", "apiPort", 2479],
  ["flaredb", "raftPort", 2480],
  ["iam", "port", 8080],
  ["plasmavmc", "port", 8081],
] as const;

function portsView(services: Table): Placed<number>[] {
  return PORTS.flatMap(([service, key, standard]) => {
    const declared = tableOf(services[service])[key];
    const value = declared === undefined ? standard : formats.port.read(declared);
    return value === undefined ? [] : [{ value, path: `services.${service}.${key}` }];
  });
}

function nodeView(name: string, node: Table): NodeView {
  const path = `nodes.${name}`;
  const addresses = tableOf(node.addresses);
  const disk = tableOf(node.disk);
  const bmc = tableOf(node.bmc);
  const cards = (["mac", "clusterMac"] as const).map((key) => placed(node, key, path, formats.mac));
  const bonds = [
    ...(has(node, "bond") ? [bondView(tableOf(node.bond), `${path}.bond`, "mac", cards[0])] : []),
    ...(has(node, "clusterBond")
      ? [bondView(tableOf(node.clusterBond), `${path}.clusterBond`, "clusterMac", cards[1])]
      : []),
  ];
  return {
    name,
    path,
    profile: profile.read(node.profile),
    bootstrap: node.bootstrap === true,
    macs: [
      ...cards.filter((mac) => mac !== undefined),
      ...bonds.flatMap(({ card, members }) => {
        const own = members.findIndex(({ value }) => value === card?.value);
        return members.filter((_, i) => i !== own);
      }),
    ],
    bonds,
    provisioning: placed(addresses, "provisioning", `${path}.addresses`, formats.ipv4),
    cluster: placed(addresses, "cluster", `${path}.addresses`, formats.ipv4),
    serial: placed(node, "serial", path, formats.serial),
    uuid: placed(node, "uuid", path, formats.uuid),
    firmware: node.firmware === "bios" ? "bios" : "uefi",
    networkBoot: placed(node, "networkBoot", path, networkBoot),
    disks: [
      ...(has(node, "disk") ? [diskView("system", disk, `${path}.disk`)] : []),
      ...(["mirror", "data"] as const).flatMap((role) =>
        has(disk, role) ? [diskView(role, tableOf(disk[role]), `${path}.disk.${role}`)] : [],
      ),
    ],
    bmc: has(node, "bmc")
      ? {
          path: `${path}.bmc`,
          redfish: placed(bmc, "redfish", `${path}.bmc`, formats.redfishUrl),
          system: formats.redfishSystem.read(bmc.system),
          ipmi: placed(bmc, "ipmi", `${path}.bmc`, formats.ipmiHost),
          kinds: BMC_KINDS.filter((kind) => (FLAGS.includes(kind) ? bmc[kind] === true : has(bmc, kind))),
          stray: KEYS_OF_KINDS.flatMap(({ kinds, keys }) =>
            kinds.some((kind) => has(bmc, kind))
              ? []
              : keys.filter((key) => has(bmc, key)).map((key) => ({ key, kind: kinds.join(" or ") })),
          ),
          username: has(bmc, "username"),
          password: has(bmc, "password"),
        }
      : undefined,
  };
}

function bondView(bond: Table, path: string, cardKey: BondView["cardKey"], card: Placed | undefined): BondView {
  const declared = Array.isArray(bond.members) ? bond.members : [];
  const members = declared.flatMap((mac, i) => {
    const value = formats.mac.read(mac);
    return value === undefined ? [] : [{ value, path: `${path}.members[${i}]` }];
  });
  return { path, cardKey, card, members };
}

function diskView(role: DiskView["role"], disk: Table, path: string): DiskView {
  return {
    role,
    path,
    keys: Object.keys(disk),
    serial: placed(disk, "serial", path, formats.serial),
    wwn: placed(disk, "wwn", path, formats.wwn),
    kind: typeof disk.kind === "string" ? disk.kind : undefined,
  };
}
