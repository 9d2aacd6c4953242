import assert from "node:assert/strict";
import fc from "fast-check";
import type { ClusterArgs } from "../../../components/cluster/args.js";
import { readCluster } from "../../../components/cluster/problems.js";
import { configInvalid } from "../../../components/cluster/report.js";
import { nodeOf, sampleCluster, sampleNode } from "./sample.js";

/** `path: found | allowed | remedy` of every problem. */
function told(change: (cluster: ClusterArgs) => void): string[] {
  return readCluster(sampleCluster(change)).problems.map(
    ({ path, found, allowed, remedy }) => `${path}: ${found} | ${allowed} | ${remedy}`,
  );
}

/** Applies a change that the types forbid, as a YAML file can. */
function put(cluster: object, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let at: object = cluster;
  for (const key of keys) at = Reflect.get(at, key);
  if (value === undefined) Reflect.deleteProperty(at, last);
  else Reflect.set(at, last, value);
}
const broken = (path: string, value: unknown) => told((cluster) => put(cluster, path, value));

describe("problems of a cluster's configuration", () => {
  it("finds none in a sound cluster, and fills in the defaults", () => {
    const { cluster, problems, warnings } = readCluster(sampleCluster());
    assert.deepEqual({ problems, warnings }, { problems: [], warnings: [] });
    assert.equal(cluster?.nodes.node01?.onDelete, "power-off");
    assert.equal(cluster?.services.chainfire.apiPort, 2379);
    assert.equal(cluster?.deadlines.install, 3600);
  });

  it("names the closest right key for a typing error, and does not also call the right one missing", () => {
    const problems = told((cluster) => {
      put(cluster, "nodes.node02.macc", "52:54:00:00:00:02");
      put(cluster, "nodes.node02.mac", undefined);
      put(cluster, "pxe.dhcp.leasetime", "1h");
      put(cluster, "nodes.node03.kernel_params", []);
      put(cluster, "colour", "blue");
    });
    assert.deepEqual(problems.map((text) => text.replace(/ \| .* \| /, " → ")).sort(), [
      "colour: unknown key → Remove it.",
      "nodes.node02.macc: unknown key → Did you mean mac?",
      "nodes.node03.kernel_params: unknown key → Did you mean kernelParams?",
      "pxe.dhcp.leasetime: unknown key → Did you mean leaseTime?",
    ]);
  });

  it("lists the keys that are allowed beside an unknown one", () => {
    assert.deepEqual(broken("networks.cluster.cdir", "10.0.200.0/24"), [
      "networks.cluster.cdir: unknown key | cidr, gateway, dns, mtu, vlan | Did you mean cidr?",
    ]);
  });

  it("recognises a machine that was indented under another", () => {
    assert.deepEqual(
      broken("nodes.node03.node04", sampleNode(4)).map((text) => text.split(" | ").at(-1)),
      ["It looks like a machine of its own: indent it as node03."],
    );
  });

  const cases: [string, unknown, string][] = [
    [
      "name",
      "Dev",
      '"Dev" | a lower-case letter, then letters, digits and hyphens, at most 32 characters, as node01 | Rename it.',
    ],
    [
      "domain",
      "dev_example",
      '"dev_example" | a DNS domain in lower case, as dev.example.com | Use a domain that you control, or one under example.com for trials.',
    ],
    [
      "nodes.node01.mac",
      "52:54:00:00:00:0g",
      '"52:54:00:00:00:0g" | six hex pairs of a single card, as 52:54:00:00:00:01 | Copy the MAC address from the machine\'s BMC, firmware menu or label.',
    ],
    [
      "nodes.node01.mac",
      "53:54:00:00:00:01",
      '"53:54:00:00:00:01" | six hex pairs of a single card, as 52:54:00:00:00:01 | Copy the MAC address from the machine\'s BMC, firmware menu or label.',
    ],
    [
      "nodes.node01.profile",
      "controlplane",
      '"controlplane" | control-plane, worker or all-in-one | Choose one of the three.',
    ],
    [
      "nodes.node01.addresses.cluster",
      "10.0.200.300",
      '"10.0.200.300" | an IPv4 address, as 10.0.100.50 | Write four decimal numbers of 0–255 without leading zeros.',
    ],
    [
      "nodes.node01.addresses.provisioning",
      undefined,
      "missing | an IPv4 address, as 10.0.100.50 | Write four decimal numbers of 0–255 without leading zeros.",
    ],
    [
      "networks.provisioning.cidr",
      "10.0.100.0",
      '"10.0.100.0" | an IPv4 network of /8 to /30, as 10.0.100.0/24 | Write the network\'s first address and its prefix length.',
    ],
    ["nodes.node01.labels", { rack: 1 }, ""],
    [
      "nodes.node01.serial",
      4711,
      "4711 | a serial number without spaces, as S4EVNX0R | Copy it from `lsblk -o NAME,SERIAL,WWN,SIZE`, from the BMC or from the label; put it in quotes when it has digits only.",
    ],
    ["nodes.node01.generation", 0, "0 | a whole number from 1 | Raise it by one to reinstall the node."],
    [
      "nodes.node01.kernelParams",
      "quiet",
      '"quiet" | a list | Write [one, two], or one entry per line after a hyphen.',
    ],
    ["deadlines", { boot: 5 }, ""],
    [
      "nodes.node01.bmc.redfish",
      "10.0.100.150",
      '"10.0.100.150" | https://host or https://host:port, as https://10.0.100.150 | Write the BMC\'s address without a path; Redfish is spoken over https only.',
    ],
    [
      "pxe.host.ssh",
      "10.0.100.1",
      '"10.0.100.1" | user@host, as root@10.0.100.1 | Write the account and the address that ssh takes; the port goes into `port`.',
    ],
    ["pxe.dhcp.leaseTime", "1m", '"1m" | a time as "10m" or "1h", from 2 min to 24 h | Add the unit s, m or h.'],
    ["system", undefined, "missing | a table with the keys flake, inputs | Add or correct it."],
    ["nodes", "node01", ""],
  ];
  for (const [path, value, message] of cases.filter(([, , message]) => message !== "")) {
    it(`says what is allowed when ${path} is ${JSON.stringify(value)}`, () => {
      assert.deepEqual(broken(path, value), [`${path}: ${message}`]);
    });
  }

  it("says where inside a list or table the wrong value stands", () => {
    assert.deepEqual(broken("nodes.node01.labels", { rack: 1 }), [
      'nodes.node01.labels.rack: 1 | text of at most 63 letters, digits, dots, hyphens and underscores, as "a1" | Shorten it, and put numbers in quotes.',
    ]);
    assert.deepEqual(broken("nodes.node01.kernelParams", ["quiet", "init=/bin/sh rw"]), [
      'nodes.node01.kernelParams[1]: "init=/bin/sh rw" | one kernel parameter without spaces or quotes, as console=ttyS0,115200 | Give each parameter an entry of its own.',
    ]);
    assert.deepEqual(broken("deadlines", { boot: 5 }), [
      'deadlines.boot: 5 | a time as "90s", "15m" or "1h", from 1 s to 24 h | Add the unit s, m or h.',
    ]);
    assert.deepEqual(broken("nodes.Node_4", sampleNode(4)), [
      'nodes.Node_4: "Node_4" | a lower-case letter, then letters, digits and hyphens, at most 32 characters, as node01 | Rename it.',
    ]);
  });

  it("refuses two owners of one card, address, BMC, serial number or disk", () => {
    const problems = told((cluster) => {
      const [one, two] = [nodeOf(cluster, "node01"), nodeOf(cluster, "node02")];
      Object.assign(one, { serial: "S1" });
      Object.assign(two, {
        mac: "52-54-00-00-00-01",
        addresses: one.addresses,
        disk: one.disk,
        bmc: one.bmc,
        serial: "S1",
      });
      two.clusterMac = nodeOf(cluster, "node03").mac;
    });
    assert.deepEqual(problems, [
      'nodes.node02.mac: "52:54:00:00:00:01" is also nodes.node01.mac | one card, one MAC | Copy each machine\'s own MAC address.',
      'nodes.node03.mac: "52:54:00:00:00:03" is also nodes.node02.clusterMac | one card, one MAC | Copy each machine\'s own MAC address.',
      'nodes.node02.addresses.provisioning: "10.0.100.50" is also nodes.node01.addresses.provisioning | one machine or service per address | Give one of them another address.',
      'nodes.node02.addresses.cluster: "10.0.200.10" is also nodes.node01.addresses.cluster | one machine or service per address | Give one of them another address.',
      'nodes.node02.bmc.redfish: "https://10.0.100.150" is also nodes.node01.bmc.redfish | one machine per BMC (or per `system` of a BMC) | Copy each machine\'s own BMC address, or name its `system`.',
      'nodes.node02.serial: "S1" is also nodes.node01.serial | one machine per serial number | Copy each machine\'s own serial number.',
      'nodes.node02.disk.serial: "DISK-1" is also nodes.node01.disk.serial | one disk per serial number | Copy each disk\'s own serial number.',
    ]);
  });

  it("lets one BMC serve two machines when each names its system, and the provisioning host be the router", () => {
    const problems = told((cluster) => {
      cluster.networks.provisioning.gateway = "10.0.100.1";
      nodeOf(cluster, "node01").bmc = { redfish: "https://10.0.100.150", system: "/redfish/v1/Systems/1" };
      nodeOf(cluster, "node02").bmc = { redfish: "https://10.0.100.150", system: "/redfish/v1/Systems/2" };
    });
    assert.deepEqual(problems, []);
  });

  it("refuses a node on the provisioning host's, the gateway's or a BMC's address", () => {
    const problems = told((cluster) => {
      cluster.networks.cluster.gateway = "10.0.200.1";
      nodeOf(cluster, "node01").addresses = { provisioning: "10.0.100.1", cluster: "10.0.200.1" };
      nodeOf(cluster, "node02").addresses.provisioning = "10.0.100.152";
    });
    assert.deepEqual(
      problems.map((text) => text.split(" | ")[0]),
      [
        'nodes.node01.addresses.provisioning: "10.0.100.1" is also pxe.host.ssh',
        'nodes.node01.addresses.cluster: "10.0.200.1" is also networks.cluster.gateway',
        'nodes.node03.bmc.redfish: "10.0.100.152" is also nodes.node02.addresses.provisioning',
      ],
    );
  });

  it("refuses addresses outside of their network and inside of the DHCP range", () => {
    const problems = told((cluster) => {
      nodeOf(cluster, "node01").addresses.provisioning = "10.0.101.50";
      nodeOf(cluster, "node02").addresses.cluster = "10.0.200.255";
      nodeOf(cluster, "node03").addresses.provisioning = "10.0.100.200";
    });
    assert.deepEqual(problems, [
      'nodes.node01.addresses.provisioning: "10.0.101.50" is outside of networks.provisioning, 10.0.100.0/24 | 10.0.100.1–10.0.100.254 | Take an address of the network, or correct networks.provisioning.cidr.',
      'nodes.node02.addresses.cluster: "10.0.200.255" is outside of networks.cluster, 10.0.200.0/24 | 10.0.200.1–10.0.200.254 | Take an address of the network, or correct networks.cluster.cidr.',
      'nodes.node03.addresses.provisioning: "10.0.100.200" is inside of pxe.dhcp.range, 10.0.100.200–10.0.100.250 | an address that DHCP does not give to other machines | Take an address outside of the range, or make the range smaller.',
    ]);
  });

  it("refuses networks that overlap, are written as an address, or leave the provisioning host outside", () => {
    assert.deepEqual(
      broken("networks.cluster.cidr", "10.0.0.7/8").map((text) => text.split(" | ")[0]),
      [
        'networks.cluster.cidr: "10.0.0.7/8" is an address in the network, not the network',
        'networks.cluster.cidr: "10.0.0.7/8" overlaps with 10.0.100.0/24 of networks.provisioning',
      ],
    );
    assert.deepEqual(broken("pxe.host.ssh", "root@192.0.2.1"), [
      'pxe.host.ssh: "192.0.2.1" is outside of networks.provisioning, 10.0.100.0/24 | 10.0.100.1–10.0.100.254 | Set pxe.address to the host\'s address on the provisioning network.',
    ]);
    assert.deepEqual(broken("pxe.host.ssh", "root@pxe1.example.com"), [
      "pxe.address: missing, and pxe.host.ssh names the host by name | the host's IPv4 address on the provisioning network | Add it: machines that boot from the network know no names yet.",
    ]);
  });

  it("refuses a DHCP range that is backwards, outside, needless, or holds the host itself", () => {
    const range = (value: unknown, mode = "full") =>
      broken("pxe.dhcp", { mode, range: value }).map((text) => text.split(" | ")[0]);
    assert.deepEqual(range(undefined), [], "machines that are not registered get no address then");
    assert.deepEqual(range(["10.0.100.250", "10.0.100.200"]), [
      "pxe.dhcp.range: 10.0.100.250–10.0.100.200 runs backwards",
    ]);
    assert.deepEqual(range(["10.0.100.200", "10.0.101.20"]), [
      "pxe.dhcp.range: 10.0.100.200–10.0.101.20 is not inside of networks.provisioning, 10.0.100.0/24",
    ]);
    assert.deepEqual(range(["10.0.100.200", "10.0.100.250"], "proxy"), ["pxe.dhcp.range: a range in mode proxy"]);
    assert.deepEqual(range(["10.0.100.1", "10.0.100.20"]), [
      'pxe.host.ssh: "10.0.100.1" is inside of pxe.dhcp.range, 10.0.100.1–10.0.100.20',
    ]);
  });

  it("refuses a bond without the card that boots, a cluster bond without its card, and one card in two bonds", () => {
    const members = ["52:54:00:00:00:01", "52:54:00:00:00:a1"];
    const first = (problems: string[]) => problems.map((text) => text.split(" | ")[0]);
    assert.deepEqual(broken("nodes.node01.bond", { members }), []);
    assert.deepEqual(first(broken("nodes.node02.bond", { members: ["52:54:00:00:00:a1", "52:54:00:00:00:a2"] })), [
      'nodes.node02.bond.members: "52:54:00:00:00:02" of nodes.node02.mac is not among them',
    ]);
    const { clusterMac: _, ...oneCard } = sampleNode(1);
    assert.deepEqual(
      first(
        broken("nodes.node01", { ...oneCard, clusterBond: { members: ["52:54:00:00:00:a1", "52:54:00:00:00:a2"] } }),
      ),
      ["nodes.node01.clusterBond: a bond without clusterMac"],
    );
    assert.deepEqual(first(broken("nodes.node01.bond", { members: [members[0], members[0]] })), [
      'nodes.node01.bond.members[1]: "52:54:00:00:00:01" is also nodes.node01.mac',
    ]);
    assert.deepEqual(first(broken("nodes.node02.bond", { members: ["52:54:00:00:00:02", "52:54:00:00:01:03"] })), [
      'nodes.node03.clusterMac: "52:54:00:00:01:03" is also nodes.node02.bond.members[1]',
    ]);
  });

  it("refuses two MTUs on one card, but not where the cluster network is tagged or has cards of its own", () => {
    const first = (problems: string[]) => problems.map((text) => text.split(" | ")[0]);
    assert.deepEqual(broken("networks.cluster.mtu", 9000), []);
    const { clusterMac: _, ...oneCard } = sampleNode(1);
    const onOneCard = (network: object) =>
      told((cluster) => {
        Object.assign(cluster.nodes, { node01: oneCard });
        Object.assign(cluster.networks.cluster, network);
      });
    assert.deepEqual(first(onOneCard({ mtu: 9000 })), [
      "networks.cluster.mtu: 9000, and none on networks.provisioning, which shares the card of node01",
    ]);
    assert.deepEqual(onOneCard({ mtu: 9000, vlan: 200 }), []);
    assert.deepEqual(first(broken("networks.cluster.vlan", 4095)), ["networks.cluster.vlan: 4095"]);
    assert.deepEqual(first(broken("networks.provisioning.mtu", 64)), ["networks.provisioning.mtu: 64"]);
  });

  it("refuses a mirror or data disk without identity, of another kind, where it is no use, or declared twice", () => {
    const disk = (changes: Record<string, unknown>, node: Record<string, unknown> = {}) =>
      told((cluster) => Object.assign(nodeOf(cluster, "node01"), { disk: { serial: "A", ...changes }, ...node }));
    const identity =
      "no identity | serial, wwn or size, or several of them | Name the disk that may be overwritten: `lsblk -o NAME,SERIAL,WWN,SIZE` shows them.";
    assert.deepEqual(disk({ mirror: {}, data: {} }), [
      `nodes.node01.disk.mirror: ${identity}`,
      `nodes.node01.disk.data: ${identity}`,
    ]);
    assert.deepEqual(disk({ mirror: { serial: "B", kind: "raid5" } }), [
      'nodes.node01.disk.mirror.kind: "raid5" | mdraid, btrfs or zfs | Leave it out for mdraid, or choose one of the three.',
    ]);
    assert.deepEqual(disk({ mirror: { serial: "B", kind: "zfs" } }, { firmware: "bios" }), [
      "nodes.node01.disk.mirror.kind: zfs on a machine that boots with bios | mdraid or btrfs with bios; zfs with uefi | Choose another kind: GRUB does not read every ZFS pool that Linux makes.",
    ]);
    assert.deepEqual(disk({ data: { serial: "C" } }, { profile: "worker", bootstrap: false }), [
      "nodes.node01.disk.data: a data disk on a worker | a data disk where Chainfire and FlareDB run: control-plane or all-in-one | Remove it: a worker keeps no raft state.",
    ]);
    assert.deepEqual(disk({ mirror: { serial: "A" }, data: { serial: "DISK-2" } }), [
      'nodes.node01.disk.mirror.serial: "A" is also nodes.node01.disk.serial | one disk per serial number | Copy each disk\'s own serial number.',
      'nodes.node02.disk.serial: "DISK-2" is also nodes.node01.disk.data.serial | one disk per serial number | Copy each disk\'s own serial number.',
    ]);
  });

  it("refuses a disk without identity, a BMC of two kinds or none, and a BMC without credentials", () => {
    assert.deepEqual(broken("nodes.node01.disk", {}), [
      "nodes.node01.disk: no identity | serial, wwn or size, or several of them | Name the disk that may be overwritten: `lsblk -o NAME,SERIAL,WWN,SIZE` shows them.",
    ]);
    assert.deepEqual(broken("nodes.node01.bmc", {}), [
      "nodes.node01.bmc: neither redfish nor manual | redfish: https://…, or manual: true | Name the BMC's address, or `manual: true` when a person switches the machine on.",
    ]);
    assert.deepEqual(
      broken("bmc", { username: "admin" })[0],
      [
        "nodes.node01.bmc.password: missing | the BMC's password, here or once for all machines in bmc.password | Set it with `pulumi config set --secret --path`, or name a file or an environment variable.",
      ].join(),
    );
  });

  it("refuses a cluster that nobody forms, and a worker that would", () => {
    assert.deepEqual(
      told((cluster) => {
        for (const node of Object.values(cluster.nodes)) node.bootstrap = false;
      }),
      [
        "nodes: no machine with bootstrap: true | at least one bootstrap machine; one or three are usual | Set bootstrap: true on the machines that form the cluster (node01, node02, node03); the others join it.",
      ],
    );
    assert.deepEqual(broken("nodes.node03.profile", "worker"), [
      "nodes.node03.bootstrap: true for a worker | true for control-plane and all-in-one, which vote | Set it to false, or choose another profile.",
    ]);
    assert.deepEqual(
      broken("nodes", {}).map((text) => text.split(" | ")[0]),
      ["nodes: no machines"],
    );
  });

  it("warns of an even number of voters with the arithmetic, and refuses nothing", () => {
    const four = readCluster(sampleCluster((cluster) => Object.assign(cluster.nodes, { node04: sampleNode(4) })));
    assert.deepEqual(four.problems, []);
    assert.deepEqual(four.warnings, [
      "nodes: 4 voters (node01, node02, node03, node04) need 3 for a quorum and survive the loss of 1, as 3 would. An odd number is better: 5 survive the loss of 2.",
    ]);
    const worker = { node04: sampleNode(4, { profile: "worker" }) };
    assert.deepEqual(readCluster(sampleCluster((cluster) => Object.assign(cluster.nodes, worker))).warnings, []);
  });

  it("never shows a secret, whatever is wrong with it", () => {
    const problems = told((cluster) => {
      put(cluster, "bmc.password", { value: "hunter22" });
      put(cluster, "nodes.node01.bmc", { redfish: 3, password: "hunter22" });
      put(cluster, "nodes.Node_4", { password: "hunter22" });
    });
    assert.equal(problems.length > 3, true);
    assert.doesNotMatch(problems.join("\n"), /hunter22/);
  });

  it("is one error that a person can read, and that Pulumi prints without a stack", () => {
    const { problems } = readCluster(
      sampleCluster((cluster) => {
        nodeOf(cluster, "node02").mac = nodeOf(cluster, "node01").mac;
        put(cluster, "nodes.node03.profil", "worker");
      }),
    );
    const error = configInvalid("cluster dev", problems);
    assert.equal(Reflect.get(error, "__pulumiRunError"), true);
    assert.equal(
      error.message,
      `cluster dev: found 2 problems. Nothing was touched.

  1. nodes.node03.profil: unknown key
     allowed: profile, bootstrap, mac, clusterMac, bond, clusterBond, addresses, disk, bmc, serial, firmware, kernelParams, labels, onDelete, generation, hooks
     Did you mean profile?

  2. nodes.node02.mac: "52:54:00:00:00:01" is also nodes.node01.mac
     allowed: one card, one MAC
     Copy each machine's own MAC address.

  Every key is described in docs/configuration.md. [CONFIG_INVALID]`,
    );
  });

  it("answers anything at all with problems, never with a crash", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (raw) => {
        const { cluster, problems } = readCluster(raw);
        assert.equal(cluster === undefined, problems.length > 0);
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...paths(sampleCluster())), fc.jsonValue(), (path, value) => {
        const cluster = sampleCluster();
        put(cluster, path, value);
        const { cluster: sound, problems } = readCluster(cluster);
        assert.equal(sound === undefined, problems.length > 0);
      }),
    );
  });
});

/** The path of every value in a table, joined by dots. */
function paths(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return path === "" ? [] : [path];
  const below = Object.entries(value).flatMap(([key, inner]) => paths(inner, path === "" ? key : `${path}.${key}`));
  return path === "" ? below : [path, ...below];
}
