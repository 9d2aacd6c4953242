import { installMark, type Layout } from "../../providers/bare-metal-node/disk/mark.js";
import type { Profile } from "./args.js";
import { networkOf } from "./ipv4.js";
import type { Cluster, Node } from "./schema.js";

/** What all resources of a cluster share. Paths and URLs are planned, not asked for: previews know them. */
export interface ClusterPlan {
  /** Flint's directory on the provisioning host. */
  root: string;
  /** The provisioning host's address on the provisioning network. */
  address: string;
  /** `http://10.0.100.1`, without a slash at the end. */
  httpUrl: string;
  /** Profiles that machines use, sorted: one netboot image each. */
  profiles: Profile[];
  /** Machines that form the cluster, sorted. */
  bootstrap: string[];
  nodes: Record<string, NodePlan>;
  /** What ClusterHealth looks at. */
  health: Record<string, HealthTarget>;
}

/** One machine: everything its resources need that is not a secret. Depends on no machine but the bootstrap ones. */
export interface NodePlan {
  name: string;
  voter: boolean;
  bootstrap: boolean;
  /** Marks the partitions of this very installation: `flint-<8 hex>`. A new mark is a new installation. */
  mark: string;
  disk: DiskPlan;
  /** The node's entry of cluster.json, without the login key that Flint makes. */
  data: NodeData;
  /** /etc/nixos/secrets/cluster-config.json */
  config: NodeConfig;
  certificate: { commonName: string; dnsNames: string[]; ipAddresses: string[] };
  /** Service → member → API URL, of the bootstrap members and of itself. */
  endpoints: Record<"chainfire" | "flaredb", Record<string, string>>;
  /** Health of the node's services that come after the raft services: service → URL. */
  dependents: Record<"iam" | "plasmavmc", string>;
  raftAddress: Record<"chainfire" | "flaredb", string>;
}

/** What one disk is recognised by; sizes in bytes. */
export interface DiskIdentity {
  serial?: string;
  wwn?: string;
  minSize?: number;
  maxSize?: number;
}

export interface DiskPlan extends DiskIdentity {
  /** How the disks are laid out: a file of nix/disko, and what the machine boots with. */
  layout: `${"single" | "mdraid" | "btrfs" | "zfs"}-${"uefi" | "bios"}`;
  mark: string;
  mirror?: DiskIdentity;
  data?: DiskIdentity & { encrypted: boolean };
}

export interface NodeData {
  profile: Profile;
  system: "x86_64-linux";
  networks: Record<"provisioning" | "cluster", NodeNetwork>;
  hosts: Record<string, { provisioning: string; cluster: string }>;
  disk: DiskPlan;
  kernelParams: string[];
  labels: Record<string, string>;
  services: Cluster["services"];
  sshAuthorizedKeys: string[];
}

export interface NodeNetwork {
  mac: string;
  address: string;
  prefixLength: number;
  gateway?: string;
  dns?: string[];
  mtu?: number;
  /** The address comes by DHCP. */
  dhcp?: true;
  vlan?: number;
  bond?: { members: string[]; mode: string };
}

export interface NodeConfig {
  version: 1;
  cluster: string;
  node_id: string;
  bootstrap: boolean;
  leader_url: string;
  raft_addr: string;
  flaredb: { leader_url: string; raft_addr: string };
  initial_members: {
    id: string;
    raft_addr: string;
    api_url: string;
    flaredb_raft_addr: string;
    flaredb_api_url: string;
    iam_url: string;
  }[];
}

export interface HealthTarget {
  profile: Profile;
  address: string;
  voter: boolean;
  onDelete: "power-off" | "leave" | "wipe";
  ports: { chainfire?: number; flaredb?: number; iam?: number; plasmavmc: number };
}

/** The address in `root@10.0.100.1`. The machine that Flint runs on has none: it was checked that `pxe.address` is there. */
function sshHostOf(host: Cluster["pxe"]["host"]): string {
  return "local" in host ? "" : host.ssh.slice(host.ssh.indexOf("@") + 1);
}

/** Everything that follows from a checked configuration. Pure: the same configuration gives the same plan. */
export function planCluster(cluster: Cluster): ClusterPlan {
  const names = Object.keys(cluster.nodes).sort();
  const bootstrap = names.filter((name) => nodeOf(cluster, name).bootstrap);
  const address = cluster.pxe.address ?? sshHostOf(cluster.pxe.host);
  return {
    root: `/var/lib/flint/${cluster.name}`,
    address,
    httpUrl: `http://${address}`,
    profiles: [...new Set(names.map((name) => nodeOf(cluster, name).profile))].sort(),
    bootstrap,
    nodes: Object.fromEntries(names.map((name) => [name, planNode(cluster, name, bootstrap)])),
    health: Object.fromEntries(names.map((name) => [name, healthTarget(cluster, name)])),
  };
}

function nodeOf(cluster: Cluster, name: string): Node {
  const node = cluster.nodes[name];
  if (node === undefined) throw new TypeError(`no node ${name}`);
  return node;
}

export function isVoter(profile: Profile): boolean {
  return profile !== "worker";
}

function planNode(cluster: Cluster, name: string, bootstrap: string[]): NodePlan {
  const node = nodeOf(cluster, name);
  const mark = installMark(cluster.name, name, node.generation, layoutOf(node));
  const disk = planDisk(node, mark);
  // Bootstrap members and itself: a closure must not change because a fifth machine moves in.
  const known = [...new Set([...bootstrap, name])].sort();
  const url = (member: string, port: number) => `https://${nodeOf(cluster, member).addresses.provisioning}:${port}`;
  const { chainfire, flaredb, iam, plasmavmc } = cluster.services;
  return {
    name,
    voter: isVoter(node.profile),
    bootstrap: node.bootstrap,
    mark,
    disk,
    data: {
      profile: node.profile,
      system: "x86_64-linux",
      networks: {
        provisioning: nodeNetwork(cluster, node, "provisioning"),
        cluster: nodeNetwork(cluster, node, "cluster"),
      },
      hosts: Object.fromEntries(known.map((member) => [member, nodeOf(cluster, member).addresses])),
      disk,
      kernelParams: node.kernelParams,
      labels: node.labels,
      services: cluster.services,
      sshAuthorizedKeys: cluster.sshAuthorizedKeys,
    },
    config: nodeConfig(cluster, name, bootstrap),
    certificate: {
      commonName: name,
      dnsNames: [name, `${name}.${cluster.domain}`, "localhost"],
      ipAddresses: [...new Set([node.addresses.provisioning, node.addresses.cluster, "127.0.0.1"])],
    },
    endpoints: {
      chainfire: Object.fromEntries(known.map((member) => [member, url(member, chainfire.apiPort)])),
      flaredb: Object.fromEntries(known.map((member) => [member, url(member, flaredb.apiPort)])),
    },
    dependents: {
      iam: url(name, iam.port),
      plasmavmc: url(name, plasmavmc.port),
    },
    raftAddress: {
      chainfire: `${node.addresses.cluster}:${chainfire.raftPort}`,
      flaredb: `${node.addresses.cluster}:${flaredb.raftPort}`,
    },
  };
}

/** Labels and reality differ: "480GB" disks have 480,103,981,056 bytes. */
const SIZE_TOLERANCE = 0.02;

function layoutOf({ disk, firmware }: Node): Layout {
  const { mirror, data } = disk;
  return { firmware, mirror: mirror?.kind, data: data && (data.key === undefined ? "plain" : "encrypted") };
}

function planDisk({ disk, firmware }: Node, mark: string): DiskPlan {
  const { mirror, data } = disk;
  return {
    layout: `${mirror?.kind ?? "single"}-${firmware}`,
    mark,
    ...diskIdentity(disk),
    ...(mirror === undefined ? {} : { mirror: diskIdentity(mirror) }),
    ...(data === undefined ? {} : { data: { ...diskIdentity(data), encrypted: data.key !== undefined } }),
  };
}

function diskIdentity({ serial, wwn, size }: Pick<Node["disk"], "serial" | "wwn" | "size">): DiskIdentity {
  const bounds =
    size === undefined
      ? {}
      : { minSize: Math.floor(size * (1 - SIZE_TOLERANCE)), maxSize: Math.ceil(size * (1 + SIZE_TOLERANCE)) };
  return {
    ...(serial === undefined ? {} : { serial }),
    ...(wwn === undefined ? {} : { wwn }),
    ...bounds,
  };
}

function nodeNetwork(cluster: Cluster, node: Node, name: "provisioning" | "cluster"): NodeNetwork {
  const { cidr, gateway, dns, mtu } = cluster.networks[name];
  const ownCard = name === "cluster" && node.clusterMac !== undefined;
  const bond = ownCard ? node.clusterBond : node.bond;
  const { vlan } = cluster.networks.cluster;
  return {
    mac: ownCard ? (node.clusterMac ?? node.mac) : node.mac,
    address: node.addresses[name],
    prefixLength: networkOf(cidr)?.prefixLength ?? 24,
    ...(gateway === undefined ? {} : { gateway }),
    ...(dns.length === 0 ? {} : { dns }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(name === "provisioning" && cluster.networks.provisioning.dhcp ? { dhcp: true } : {}),
    ...(name === "cluster" && vlan !== undefined ? { vlan } : {}),
    ...(bond === undefined ? {} : { bond }),
  };
}

function nodeConfig(cluster: Cluster, name: string, bootstrap: string[]): NodeConfig {
  const { chainfire, flaredb, iam } = cluster.services;
  const url = (member: string, port: number) => `https://${member}.${cluster.domain}:${port}`;
  const raft = (member: string, port: number) => `${nodeOf(cluster, member).addresses.cluster}:${port}`;
  const leader = bootstrap[0] ?? name;
  return {
    version: 1,
    cluster: cluster.name,
    node_id: name,
    bootstrap: nodeOf(cluster, name).bootstrap,
    leader_url: url(leader, chainfire.apiPort),
    raft_addr: raft(name, chainfire.raftPort),
    flaredb: { leader_url: url(leader, flaredb.apiPort), raft_addr: raft(name, flaredb.raftPort) },
    initial_members: bootstrap.map((member) => ({
      id: member,
      raft_addr: raft(member, chainfire.raftPort),
      api_url: url(member, chainfire.apiPort),
      flaredb_raft_addr: raft(member, flaredb.raftPort),
      flaredb_api_url: url(member, flaredb.apiPort),
      iam_url: url(member, iam.port),
    })),
  };
}

function healthTarget(cluster: Cluster, name: string): HealthTarget {
  const { profile, addresses, onDelete } = nodeOf(cluster, name);
  const { chainfire, flaredb, iam, plasmavmc } = cluster.services;
  const voter = isVoter(profile);
  return {
    profile,
    address: addresses.provisioning,
    voter,
    onDelete,
    ports: {
      ...(voter ? { chainfire: chainfire.apiPort, flaredb: flaredb.apiPort, iam: iam.port } : {}),
      plasmavmc: plasmavmc.port,
    },
  };
}
