import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { LoopbackCluster, script } from "./loopback-cluster.js";
import type { LoopbackNode } from "./loopback-node.js";

describe("first boot of three nodes: chainfire, flaredb, iam, plasmavmc and the scripts", function () {
  this.timeout(120_000);
  let cluster: LoopbackCluster;
  let nodes: LoopbackNode[];
  let worker: LoopbackNode;

  before(() => {
    cluster = new LoopbackCluster("rsa");
    nodes = ["node01", "node02", "node03"].map((id) => cluster.node(id));
    for (const node of nodes) node.configure(nodes, true);
    worker = cluster.node("worker01");
    worker.configure(nodes, false);
    for (const node of nodes) node.start("chainfire", "flaredb", "iam", "plasmavmc");
    worker.start("plasmavmc");
  });
  after(() => cluster.destroy());

  it("IAM is not healthy before it was set up, nor is PlasmaVMC, and the check says what is missing", async () => {
    await Promise.all(nodes.map((node) => cluster.health(node, "flaredb", "200 (leader|follower)")));
    for (const node of nodes) {
      await cluster.health(node, "iam", "503 not-set-up");
      await cluster.health(node, "plasmavmc", "503 no-iam");
    }
    const check = await nodes[0]?.script(script("cluster-health-check"), [], { FLINT_DEADLINE: "0" });
    assert.equal(check?.code, 75);
    assert.match(check?.said ?? "", / {2}ok {6}flaredb: led by node0\d, 3 of 3 voters healthy, quorum 2\n/);
    assert.match(check?.said ?? "", / {2}NOT OK {2}iam: health here answers 503 {"status":"not-set-up"}/);
    assert.match(check?.said ?? "", /remedy: look at the journals of the services named NOT OK/);
  });

  it("joining, setting up and checking, all nodes at once, ends well on each", async () => {
    const failures: string[] = [];
    const run = async (node: LoopbackNode, name: string, ...args: string[]) => {
      const result = await node.script(script(name), args);
      if (result.code !== 0) failures.push(`${node.id} ${name}: ${result.code}\n${result.said}`);
      return result.said;
    };
    const firstBoot = async (node: LoopbackNode) => {
      await run(node, "cluster-join", "chainfire");
      await run(node, "cluster-join", "flaredb");
      await run(node, "iam-initial-setup");
      return run(node, "cluster-health-check", "chainfire", "flaredb", "iam", "plasmavmc");
    };
    const said = await Promise.all([...nodes.map(firstBoot), run(worker, "cluster-health-check", "plasmavmc")]);
    assert.deepEqual(failures, []);
    for (const text of said) assert.match(text, /the cluster is healthy from (node0\d|worker01):\n/);
    for (const node of nodes)
      for (const marker of [".chainfire-joined", ".flaredb-joined", ".iam-set-up"])
        assert.ok(existsSync(node.marker(marker)), `${node.id} ${marker}`);
  });

  it("the setup is noted once, in FlareDB, without a secret; a second run finds it", async () => {
    const [one] = nodes as [LoopbackNode];
    const note = await cluster.ask(one, "flaredb", "GET", "/v1/kv/iam/initial-setup");
    assert.deepEqual(Object.keys(note.json), ["version", "cluster", "by", "at"]);
    rmSync(one.marker(".iam-set-up"));
    const again = await one.script(script("iam-initial-setup"), []);
    assert.equal(again.code, 0);
    assert.doesNotMatch(again.said, /writing/);
    assert.equal((await cluster.ask(one, "flaredb", "GET", "/v1/kv/iam/initial-setup")).text, note.text);
  });

  it("IAM falls with the FlareDB of its node; PlasmaVMC goes on with another IAM", async () => {
    const [one] = nodes as [LoopbackNode];
    await one.stop("SIGKILL", "flaredb");
    await cluster.health(one, "iam", "503 flaredb-unhealthy");
    await cluster.health(one, "plasmavmc", "200 healthy");
    const check = await one.script(script("cluster-health-check"), [], { FLINT_DEADLINE: "0" });
    assert.equal(check.code, 75);
    assert.match(check.said, / {2}ok {6}flaredb: led by node0\d, 2 of 3 voters healthy, quorum 2\n/);
    assert.match(check.said, / {2}NOT OK {2}flaredb: health here answers 000 /);
    assert.match(check.said, / {2}ok {6}iam: reachable at /);
  });
});
