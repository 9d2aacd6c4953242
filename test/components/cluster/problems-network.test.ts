import assert from "node:assert/strict";
import { nodeOf, sampleNode } from "./sample.js";
import { broken, put, told } from "./told.js";

describe("problems of a cluster's networks", () => {
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
    for (const mode of ["proxy", "external"])
      assert.deepEqual(range(["10.0.100.200", "10.0.100.250"], mode), [`pxe.dhcp.range: a range in mode ${mode}`]);
    assert.deepEqual(range(["10.0.100.1", "10.0.100.20"]), [
      'pxe.host.ssh: "10.0.100.1" is inside of pxe.dhcp.range, 10.0.100.1–10.0.100.20',
    ]);
  });

  it("lets the provisioning host be elsewhere behind a relay, which takes a gateway and no proxy", () => {
    const relayed = (dhcp: object, gateway?: string) =>
      told((cluster) => {
        put(cluster, "pxe.dhcp", dhcp);
        put(cluster, "networks.provisioning.gateway", gateway);
        put(cluster, "pxe.host.ssh", "root@192.0.2.1");
      }).map((text) => text.split(" | ")[0]);
    assert.deepEqual(relayed({ mode: "full", relay: true }, "10.0.100.254"), []);
    assert.deepEqual(relayed({ mode: "external", relay: true }, "10.0.100.254"), []);
    assert.deepEqual(relayed({ mode: "proxy", relay: true }), [
      "pxe.dhcp.relay: true in mode proxy",
      "networks.provisioning.gateway: missing, and pxe.dhcp.relay is true",
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
});
