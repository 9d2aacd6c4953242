import assert from "node:assert/strict";
import fc from "fast-check";
import { readCluster } from "../../../components/cluster/problems.js";
import { configInvalid } from "../../../components/cluster/report.js";
import { nodeOf, sampleCluster, sampleNode } from "./sample.js";
import { broken, put, told } from "./told.js";

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
    [
      "installsAtOnce",
      0,
      "0 | a whole number, 1–1000 | Write how many machines may be written to at the same time, or leave it out for 16.",
    ],
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
    ["nodes", [], "[] | a table of names and values | Add or correct it."],
    ["nodes", "node01", '"node01" | a table of names and values | Add or correct it.'],
    [
      "sshAuthorizedKeys",
      "ssh-ed25519 AAAA",
      '"ssh-ed25519 AAAA" | a list | Write [one, two], or one entry per line after a hyphen.',
    ],
  ];
  for (const [path, value, message] of cases) {
    it(`says what is allowed when ${path} is ${JSON.stringify(value)}`, () => {
      assert.deepEqual(broken(path, value), [`${path}: ${message}`]);
    });
  }

  it("tells a provisioning host that is this machine from one that is reached by ssh", () => {
    const local = (host: object) => told((cluster) => Object.assign(cluster.pxe, { host }));
    assert.deepEqual(local({ local: true }), [
      "pxe.address: missing, and pxe.host is this machine | the host's IPv4 address on the provisioning network | Add it: machines that boot from the network know no names yet.",
    ]);
    assert.deepEqual(
      told((cluster) => Object.assign(cluster.pxe, { host: { local: true }, address: "10.0.100.1" })),
      [],
    );
    const keys = "local, ssh, port, privateKey, hostKey, jump";
    assert.equal(
      local({ local: true, port: 22 })[0],
      `pxe.host.port: unknown key | ${keys} | Remove it: it does not go with the other keys here.`,
    );
    assert.equal(
      local({ local: "yes" })[0],
      'pxe.host.local: "yes" | true | Write `host: { local: true }`, or `ssh`, `privateKey` and `hostKey` of another host.',
    );
    assert.deepEqual(
      local({}).map((line) => line.split(":")[0]),
      ["pxe.host.ssh", "pxe.host.privateKey", "pxe.host.hostKey[0]"],
    );
    assert.equal(local({ lokal: true })[0], `pxe.host.lokal: unknown key | ${keys} | Did you mean local?`);
  });

  it("says where inside a list or table the wrong value stands", () => {
    assert.deepEqual(broken("nodes.node01.labels", { rack: 1 }), [
      'nodes.node01.labels.rack: 1 | text of at most 63 letters, digits, dots, hyphens and underscores, as "a1" | Shorten it, and put numbers in quotes.',
    ]);
    assert.deepEqual(broken("nodes.node01.kernelParams", ["quiet", "init=/bin/sh rw"]), [
      'nodes.node01.kernelParams[1]: "init=/bin/sh rw" | one kernel parameter without spaces or quotes, as console=ttyS0,115200 | Give each parameter an entry of its own.',
    ]);
    assert.deepEqual(broken("sshAuthorizedKeys", ["ssh-rsa key"]), [
      'sshAuthorizedKeys[0]: "ssh-rsa key" | an OpenSSH public key on one line, as ssh-ed25519 AAAA… | Copy it from the .pub file of whoever may log in.',
    ]);
    assert.deepEqual(broken("deadlines", { boot: 5 }), [
      'deadlines.boot: 5 | a time as "90s", "15m" or "1h", from 1 s to 24 h | Add the unit s, m or h.',
    ]);
    assert.deepEqual(broken("nodes.Node_4", sampleNode(4)), [
      'nodes.Node_4: "Node_4" | a lower-case letter, then letters, digits and hyphens, at most 32 characters, as node01 | Rename it.',
    ]);
    assert.deepEqual(
      broken("nodes.Node_4", { ...sampleNode(4), onDelete: "keep" }).map((text) => text.split(" | ")[0]),
      ['nodes.Node_4.onDelete: "keep"', 'nodes.Node_4: "Node_4"'],
      "a wrong name and what is wrong below it",
    );
  });

  it("refuses two owners of one card, address, BMC, serial number, UUID or disk", () => {
    const problems = told((cluster) => {
      const [one, two] = [nodeOf(cluster, "node01"), nodeOf(cluster, "node02")];
      Object.assign(one, { serial: "S1", uuid: "4c4c4544-0042-3510-8052-b4c04f564d31" });
      Object.assign(two, {
        mac: "52-54-00-00-00-01",
        addresses: one.addresses,
        disk: one.disk,
        bmc: one.bmc,
        serial: "S1",
        uuid: "4c4c4544-0042-3510-8052-b4c04f564d31",
      });
      two.clusterMac = nodeOf(cluster, "node03").mac;
    });
    assert.deepEqual(problems, [
      'nodes.node02.mac: "52:54:00:00:00:01" is also nodes.node01.mac | one card, one MAC | Copy each machine\'s own MAC address.',
      'nodes.node03.mac: "52:54:00:00:00:03" is also nodes.node02.clusterMac | one card, one MAC | Copy each machine\'s own MAC address.',
      'nodes.node02.addresses.provisioning: "10.0.100.50" is also nodes.node01.addresses.provisioning | one machine or service per address | Give one of them another address.',
      'nodes.node02.addresses.cluster: "10.0.200.10" is also nodes.node01.addresses.cluster | one machine or service per address | Give one of them another address.',
      'nodes.node02.bmc.redfish: "https://10.0.100.150" is also nodes.node01.bmc.redfish | one machine per BMC, or one per `system` of a Redfish BMC | Copy each machine\'s own BMC address, or name the `system` of each of them.',
      'nodes.node02.serial: "S1" is also nodes.node01.serial | one machine per serial number | Copy each machine\'s own serial number.',
      'nodes.node02.uuid: "4c4c4544-0042-3510-8052-b4c04f564d31" is also nodes.node01.uuid | one machine per UUID | Copy each machine\'s own UUID; where the maker gave all the same, leave it out.',
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
     allowed: profile, bootstrap, mac, clusterMac, bond, clusterBond, addresses, disk, bmc, serial, uuid, firmware, networkBoot, bootFromDisk, kernelParams, labels, onDelete, generation, hooks
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
