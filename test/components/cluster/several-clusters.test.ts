import assert from "node:assert/strict";
import { ClusterComponent } from "../../../components/index.js";
import { at, inputsOf, plain, programOf, registered } from "./mocked-program.js";
import { type SampleCluster, sampleCluster } from "./sample.js";

/** A rack as all are cabled: the same addresses everywhere, its own host behind its own jump host. */
const rack = (name: string, change: (cluster: SampleCluster) => void = () => {}) =>
  sampleCluster((cluster) => {
    const { privateKey, hostKey } = cluster.pxe.host;
    Object.assign(cluster, { name, prefix: `${name}-`, domain: `${name}.example.com` });
    cluster.pxe.host.jump = { ssh: `guest@${name}.example.com`, privateKey, hostKey };
    change(cluster);
  });

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
  this.timeout(30_000);

  it("have resources of their own, each with its own host, networks and keys, though all addresses are the same", async () => {
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
    const twin = onOneHost("east", "eth2");
    twin.prefix = "other-";
    const [name] = await told(onOneHost("east", "eth1"), twin);
    assert.match(String(name), /^1\. name: "east", as another cluster on the same provisioning host/);
  });

  it("of another program are no neighbours", async () => {
    assert.deepEqual(await told(rack("east")), []);
    assert.deepEqual(await told(rack("east")), []);
  });
});
