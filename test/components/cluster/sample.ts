import type { ClusterArgs, NodeArgs, SshHostArgs } from "../../../components/cluster/args.js";

/** A sound machine with the number `n`. */
export function sampleNode(n: number, changes: Partial<NodeArgs> = {}): NodeArgs {
  const hex = n.toString(16).padStart(2, "0");
  return {
    profile: "control-plane",
    bootstrap: n <= 3,
    mac: `52:54:00:00:00:${hex}`,
    clusterMac: `52:54:00:00:01:${hex}`,
    addresses: { provisioning: `10.0.100.${49 + n}`, cluster: `10.0.200.${9 + n}` },
    disk: { serial: `DISK-${n}` },
    bmc: { redfish: `https://10.0.100.${149 + n}` },
    ...changes,
  };
}

/** The machine with a BMC where nothing answers and nothing is disturbed: a preview looks at those of new machines. */
export function silentBmc(node: NodeArgs): NodeArgs {
  return Object.assign(node, { bmc: { redfish: `https://127.0.0.1:${Number(node.mac.slice(-1)) + 1}` } });
}

/** A cluster whose provisioning host is reached by ssh. */
export type SampleCluster = ClusterArgs & { pxe: { host: SshHostArgs } };

/** A sound cluster of three; `change` breaks what the test is about. */
export function sampleCluster(change: (cluster: SampleCluster) => void = () => {}): SampleCluster {
  const cluster: SampleCluster = {
    name: "dev",
    domain: "dev.example.com",
    networks: { provisioning: { cidr: "10.0.100.0/24" }, cluster: { cidr: "10.0.200.0/24" } },
    pxe: {
      host: { ssh: "root@10.0.100.1", privateKey: SAMPLE_PRIVATE_KEY, hostKey: SAMPLE_PUBLIC_KEY },
      interface: "host0",
      dhcp: { mode: "full", range: ["10.0.100.200", "10.0.100.250"] },
    },
    bmc: { username: "admin", password: "correct horse" },
    system: { flake: "github:example/systems" },
    nodes: { node01: sampleNode(1), node02: sampleNode(2), node03: sampleNode(3) },
  };
  change(cluster);
  return cluster;
}

export const SAMPLE_PRIVATE_KEY =
  "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEga2V5\n-----END OPENSSH PRIVATE KEY-----\n";
export const SAMPLE_PUBLIC_KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"B".repeat(43)} root@pxe1`;

/** The node, when it is there; a test that asks for another is wrong itself. */
export function nodeOf(cluster: Pick<ClusterArgs, "nodes">, name: string): NodeArgs {
  const node = cluster.nodes[name];
  if (node === undefined) throw new TypeError(`no ${name} in the sample`);
  return node;
}
