import assert from "node:assert/strict";
import fc from "fast-check";
import type { ClusterArgs, NodeArgs } from "../../../components/cluster/args.js";
import { type ClusterPlan, planCluster } from "../../../components/cluster/plan.js";
import { readCluster } from "../../../components/cluster/problems.js";
import { installMark } from "../../../providers/bare-metal-node/disk/mark.js";
import { nodeOf, sampleCluster, sampleNode } from "./sample.js";

function planOf(args: ClusterArgs): ClusterPlan {
  const { cluster, problems } = readCluster(args);
  if (cluster === undefined) throw new Error(`the sample is unsound: ${JSON.stringify(problems)}`);
  return planCluster(cluster);
}

describe("plan of a cluster", () => {
  it("writes cluster-config.json as the services read it", () => {
    const plan = planOf(sampleCluster((cluster) => Object.assign(cluster.nodes, { node04: sampleNode(4) })));
    const { initial_members, ...config } = plan.nodes.node04?.config ?? {};
    assert.deepEqual(config, {
      version: 1,
      cluster: "dev",
      node_id: "node04",
      bootstrap: false,
      leader_url: "https://node01.dev.example.com:2379",
      raft_addr: "10.0.200.13:2380",
      flaredb: { leader_url: "https://node01.dev.example.com:2479", raft_addr: "10.0.200.13:2480" },
    });
    assert.deepEqual(
      initial_members?.map(({ id }) => id),
      ["node01", "node02", "node03"],
    );
    assert.deepEqual(initial_members?.[1], {
      id: "node02",
      raft_addr: "10.0.200.11:2380",
      api_url: "https://node02.dev.example.com:2379",
      flaredb_raft_addr: "10.0.200.11:2480",
      flaredb_api_url: "https://node02.dev.example.com:2479",
      iam_url: "https://node02.dev.example.com:8080",
    });
  });

  it("writes the node's entry of cluster.json, with the bootstrap machines and itself as hosts", () => {
    const plan = planOf(
      sampleCluster((cluster) => {
        cluster.nodes.node04 = sampleNode(4, { labels: { rack: "a4" }, kernelParams: ["quiet"] });
        cluster.nodes.node05 = sampleNode(5, { profile: "worker" });
        Object.assign(cluster.networks.provisioning, { gateway: "10.0.100.1", dns: ["10.0.100.1"] });
      }),
    );
    assert.deepEqual(plan.nodes.node04?.data, {
      profile: "control-plane",
      system: "x86_64-linux",
      networks: {
        provisioning: {
          mac: "52:54:00:00:00:04",
          address: "10.0.100.53",
          prefixLength: 24,
          gateway: "10.0.100.1",
          dns: ["10.0.100.1"],
        },
        cluster: { mac: "52:54:00:00:01:04", address: "10.0.200.13", prefixLength: 24 },
      },
      hosts: {
        node01: { provisioning: "10.0.100.50", cluster: "10.0.200.10" },
        node02: { provisioning: "10.0.100.51", cluster: "10.0.200.11" },
        node03: { provisioning: "10.0.100.52", cluster: "10.0.200.12" },
        node04: { provisioning: "10.0.100.53", cluster: "10.0.200.13" },
      },
      disk: { layout: "single-uefi", mark: installMark("dev", "node04", 1, { firmware: "uefi" }), serial: "DISK-4" },
      kernelParams: ["quiet"],
      labels: { rack: "a4" },
      services: {
        chainfire: { apiPort: 2379, raftPort: 2380 },
        flaredb: { apiPort: 2479, raftPort: 2480 },
        iam: { port: 8080 },
        plasmavmc: { port: 8081 },
      },
      sshAuthorizedKeys: [],
    });
  });

  it("certifies a machine for its names, both addresses and itself", () => {
    assert.deepEqual(planOf(sampleCluster()).nodes.node02?.certificate, {
      commonName: "node02",
      dnsNames: ["node02", "node02.dev.example.com", "localhost"],
      ipAddresses: ["10.0.100.51", "10.0.200.11", "127.0.0.1"],
    });
  });

  it("reaches the provisioning host at pxe.address where the ssh address is another", () => {
    const plan = planOf(
      sampleCluster((cluster) => {
        cluster.pxe.host.ssh = "root@pxe.example.com";
        cluster.pxe.address = "10.0.100.2";
      }),
    );
    assert.deepEqual(
      [plan.address, plan.httpUrl, plan.root],
      ["10.0.100.2", "http://10.0.100.2", "/var/lib/flint/dev"],
    );
  });

  it("puts networks on cards or bonds, tagged or not, with static addresses or DHCP", () => {
    const networksOf = (change: (cluster: ClusterArgs) => void) =>
      planOf(sampleCluster(change)).nodes.node01?.data.networks;
    const bond = { members: ["52:54:00:00:00:01", "52:54:00:00:00:a1"] };
    const address = { provisioning: "10.0.100.50", cluster: "10.0.200.10" };
    assert.deepEqual(
      networksOf((cluster) => {
        Object.assign(cluster.networks.provisioning, { dhcp: true });
        Object.assign(cluster.networks.cluster, { vlan: 200, mtu: 9000 });
        Object.assign(nodeOf(cluster, "node01"), { bond, clusterMac: undefined });
      }),
      {
        provisioning: {
          mac: "52:54:00:00:00:01",
          address: address.provisioning,
          prefixLength: 24,
          dhcp: true,
          bond: { ...bond, mode: "802.3ad" },
        },
        cluster: {
          mac: "52:54:00:00:00:01",
          address: address.cluster,
          prefixLength: 24,
          mtu: 9000,
          vlan: 200,
          bond: { ...bond, mode: "802.3ad" },
        },
      },
    );
    const clusterBond = { members: ["52:54:00:00:01:01", "52:54:00:00:01:a1"], mode: "active-backup" as const };
    const apart = networksOf((cluster) =>
      Object.assign(nodeOf(cluster, "node01"), { clusterMac: "52:54:00:00:01:01", clusterBond }),
    );
    assert.deepEqual([apart?.cluster.mac, apart?.cluster.bond], ["52:54:00:00:01:01", clusterBond]);
    assert.equal(apart?.provisioning.bond, undefined);
  });

  it("lays disks out as they are declared, each with what it is recognised by, without consents and keys", () => {
    const diskOf = (changes: Partial<NodeArgs>) =>
      planOf(sampleCluster((cluster) => Object.assign(nodeOf(cluster, "node01"), changes))).nodes.node01?.data.disk;
    const { mark: _, ...mirrored } =
      diskOf({
        disk: {
          serial: "A",
          release: "A-1f3a",
          mirror: { wwn: "0x5002538e40a1b2c3", kind: "btrfs", release: "B-1f3a" },
        },
        firmware: "bios",
      }) ?? {};
    assert.deepEqual(mirrored, { layout: "btrfs-bios", serial: "A", mirror: { wwn: "0x5002538e40a1b2c3" } });
    const { mark: __, ...withData } =
      diskOf({ disk: { serial: "A", mirror: { serial: "B" }, data: { serial: "C", key: "correct horse battery" } } }) ??
      {};
    assert.deepEqual(withData, {
      layout: "mdraid-uefi",
      serial: "A",
      mirror: { serial: "B" },
      data: { serial: "C", encrypted: true },
    });
  });

  it("gives a machine a new mark when its disks are others in number or kind: what is on them would not start", () => {
    const disks: NodeArgs["disk"][] = [
      { serial: "A" },
      { serial: "A", mirror: { serial: "B" } },
      { serial: "A", mirror: { serial: "B", kind: "zfs" } },
      { serial: "A", data: { serial: "C" } },
      { serial: "A", data: { serial: "C", key: "correct horse battery" } },
      { serial: "A", mirror: { serial: "B" }, data: { serial: "C" } },
    ];
    const marks = disks.map(
      (disk) =>
        planOf(sampleCluster((cluster) => Object.assign(nodeOf(cluster, "node01"), { disk }))).nodes.node01?.mark,
    );
    assert.equal(new Set(marks).size, disks.length);
    assert.equal(marks[0], installMark("dev", "node01", 1, { firmware: "uefi" }));
  });

  it("takes a disk by size within two per cent of what its label says", () => {
    const disk = { size: "480GB" };
    const { minSize = 0, maxSize = 0 } =
      planOf(sampleCluster((cluster) => Object.assign(nodeOf(cluster, "node01"), { disk }))).nodes.node01?.disk ?? {};
    const real = 480_103_981_056;
    assert.equal(minSize < real && real < maxSize, true, `${minSize} < ${real} < ${maxSize}`);
    assert.equal(maxSize < 500e9, true, "a 500 GB disk is another one");
  });

  it("asks workers for PlasmaVMC only, and voters for everything", () => {
    const plan = planOf(
      sampleCluster((cluster) => Object.assign(cluster.nodes, { node04: sampleNode(4, { profile: "worker" }) })),
    );
    assert.deepEqual(plan.health.node04, {
      profile: "worker",
      address: "10.0.100.53",
      voter: false,
      onDelete: "power-off",
      ports: { plasmavmc: 8081 },
    });
    assert.deepEqual(plan.health.node01?.ports, { chainfire: 2379, flaredb: 2479, iam: 8080, plasmavmc: 8081 });
    assert.deepEqual(plan.profiles, ["control-plane", "worker"]);
  });

  it("changes no other machine's plan when machines are added that join", () => {
    const anyNode = (n: number) =>
      fc
        .record({
          profile: fc.constantFrom<NodeArgs["profile"]>("control-plane", "worker", "all-in-one"),
          firmware: fc.constantFrom("uefi" as const, "bios" as const),
          generation: fc.integer({ min: 1, max: 9 }),
        })
        .map((changes) => sampleNode(n, { ...changes, bootstrap: false }));
    const added = fc
      .uniqueArray(fc.integer({ min: 4, max: 60 }), { minLength: 1, maxLength: 8 })
      .chain((numbers) =>
        fc.tuple(...numbers.map((n) => fc.tuple(fc.constantFrom(`node${n}`, `a${n}`, `z-${n}`), anyNode(n)))),
      );
    fc.assert(
      fc.property(added, fc.boolean(), (more, first) => {
        const before = planOf(sampleCluster());
        const extra = Object.fromEntries(more);
        const after = planOf(
          sampleCluster((cluster) => {
            cluster.nodes = first ? { ...extra, ...cluster.nodes } : { ...cluster.nodes, ...extra };
          }),
        );
        for (const [name, plan] of Object.entries(before.nodes)) assert.deepEqual(after.nodes[name], plan);
      }),
    );
  });

  it("does not depend on the order in which machines are written", () => {
    const turned = sampleCluster((cluster) => {
      cluster.nodes = Object.fromEntries(Object.entries(cluster.nodes).reverse());
    });
    assert.equal(JSON.stringify(planOf(turned)), JSON.stringify(planOf(sampleCluster())));
  });

  it("contains no secret", () => {
    const text = JSON.stringify(planOf(sampleCluster()));
    assert.doesNotMatch(text, /correct horse|PRIVATE KEY/);
  });
});
