import assert from "node:assert/strict";
import { ClusterComponent } from "../../../components/index.js";
import { at, inputsOf, plain, programOf, registered } from "./mocked-program.js";
import { nodeOf, type SampleCluster, sampleCluster, sampleNode } from "./sample.js";

/** Racks in which everything is the same but its numbers; each host has the same address behind its own jump host. */
const rack = (name: string, change: (cluster: SampleCluster) => void = () => {}) => {
  const first = name === "east" ? 1 : 11;
  const machines = [0, 1, 2].map((n) => [`node0${n + 1}`, sampleNode(first + n, { bootstrap: true })] as const);
  return sampleCluster((cluster) => {
    const { privateKey, hostKey } = cluster.pxe.host;
    Object.assign(cluster, { name, prefix: `${name}-`, domain: `${name}.example.com` });
    cluster.nodes = Object.fromEntries(machines);
    cluster.pxe.host.jump = { ssh: `guest@${name}.example.com`, privateKey, hostKey };
    change(cluster);
  });
};

/** What a program with these clusters is told about the last of them. */
const told = async (...clusters: SampleCluster[]) => {
  try {
    await programOf(() => clusters.map((args, index) => new ClusterComponent(`rack${index}`, args)));
    return [];
  } catch (error) {
    assert.ok(error instanceof Error);
    const lines = error.message.split("\n").map((line) => line.trim());
    return lines.slice(1, -1).filter((line) => line !== "");
  }
};

describe("several clusters in one program", function () {
  this.timeout(120_000);

  it("have resources of their own, each with its own host, networks and keys, though their names and networks are the same", async () => {
    const alone = await programOf(() => {
      new ClusterComponent("east", rack("east"));
    }).then(() => [...registered.keys()].filter((name) => name !== "east"));
    await programOf(() => {
      new ClusterComponent("east", rack("east"));
      new ClusterComponent("west", rack("west"));
    });
    const names = [...registered.keys()].filter((name) => !["east", "west"].includes(name));
    const expected = alone.flatMap((name) => [name, name.replace(/^east-/, "west-")]);
    assert.deepEqual(names.sort(), expected.sort());

    const shared = (name: string): unknown => JSON.parse(String(plain(inputsOf(`${name}-provider`)["flint:shared"])));
    for (const name of ["east", "west"]) {
      assert.equal(at(shared(name), "host", "jump", "host"), `${name}.example.com`);
      assert.equal(at(shared(name), "loginKey", "privateKey"), `${name}-login-key openssh`);
      assert.deepEqual(
        [inputsOf(`${name}-node01`).cluster, inputsOf(`${name}-pxe`).cluster, inputsOf(`${name}-pxe`).domain],
        [name, name, `${name}.example.com`],
      );
      assert.deepEqual(at(inputsOf(`${name}-node01`).pxe, "root"), `/var/lib/flint/${name}`);
    }
  });

  it("are refused with the same prefix, which would name two resources alike", async () => {
    const twin = rack("west", (cluster) => Object.assign(cluster, { prefix: "east-" }));
    assert.deepEqual(await told(rack("east"), twin), [
      '1. prefix: "east-", as in cluster east of the same program',
      "allowed: another one for each cluster: resources of one stack have different names",
      "Add `prefix: west-`.",
    ]);
  });

  const onOneHost = (name: string, networkInterface: string) =>
    rack(name, ({ pxe }) => {
      delete pxe.host.jump;
      pxe.interface = networkInterface;
    });

  it("may share a host where each has an interface of it", async () => {
    assert.deepEqual(await told(onOneHost("east", "eth1"), onOneHost("west", "eth2")), []);
  });

  it("are refused on one interface of one host, and under one name on one host", async () => {
    const [line] = await told(onOneHost("east", "eth1"), onOneHost("west", "eth1"));
    assert.match(
      String(line),
      /^1\. pxe\.interface: "eth1", on which cluster east gives out addresses from the same host/,
    );
    const twin = onOneHost("west", "eth2");
    twin.name = "east";
    const [name] = await told(onOneHost("east", "eth1"), twin);
    assert.match(String(name), /^1\. name: "east", as another cluster on the same provisioning host/);
  });

  it("are refused with a machine that another has: its card, its address or its BMC, all at once", async () => {
    const copied = rack("west", ({ nodes }) => {
      const { mac, addresses, bmc } = sampleNode(2);
      Object.assign(nodeOf({ nodes }, "node01"), { mac, bmc });
      nodeOf({ nodes }, "node03").addresses.provisioning = addresses.provisioning;
    });
    const allowed = "allowed: one machine in one cluster, reached by an address and a BMC of its own";
    const remedy = "Copy this machine's own value, or declare the machine in one of the clusters only.";
    assert.deepEqual(await told(rack("east"), copied), [
      '1. nodes.node01.mac: "52:54:00:00:00:02" is also nodes.node02.mac of cluster east in the same program',
      ...[allowed, remedy],
      '2. nodes.node01.bmc.redfish: "https://10.0.100.151" is also nodes.node02.bmc.redfish of cluster east in the same program',
      ...[allowed, remedy],
      '3. nodes.node03.addresses.provisioning: "10.0.100.51" is also nodes.node02.addresses.provisioning of cluster east in the same program',
      ...[allowed, remedy],
    ]);
  });

  it("may have one BMC that serves machines of both, each by its own system", async () => {
    const behind = (name: string, system: string) =>
      rack(name, ({ nodes }) =>
        Object.assign(nodeOf({ nodes }, "node01"), { bmc: { redfish: "https://10.0.100.99", system } }),
      );
    const [east, west] = [behind("east", "/redfish/v1/Systems/1"), behind("west", "/redfish/v1/Systems/2")];
    assert.deepEqual(await told(east, west), []);
  });

  it("of another program are no neighbours", async () => {
    assert.deepEqual(await told(rack("east")), []);
    assert.deepEqual(await told(rack("east")), []);
  });
});
