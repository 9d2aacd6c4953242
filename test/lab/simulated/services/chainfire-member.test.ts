import assert from "node:assert/strict";
import { lifecycle } from "../../../../providers/chainfire-member/lifecycle.js";
import { memberInputs } from "../../services/member-inputs.js";
import { SimulatedCluster, type SimulatedNode } from "./simulated-cluster.js";

describe("ChainfireMember on simulated services", function () {
  this.timeout(120_000);
  const cluster = new SimulatedCluster();
  const first = ["node01", "node02", "node03"].map((id) => cluster.node(id));
  const node04 = cluster.node("node04");
  for (const node of first) node.configure(first, { bootstrap: true });
  node04.configure(first, { bootstrap: false });
  after(() => cluster.destroy());

  const { record } = cluster.groups.chainfire;
  const inputs = (node: SimulatedNode) => memberInputs(cluster, first, node, 20);
  const create = async (node: SimulatedNode) => {
    const { outs } = await lifecycle.create({ ...inputs(node) });
    assert.equal(outs.voter, true, node.id);
  };
  const remove = (node: SimulatedNode) =>
    lifecycle.delete(`test/chainfire/${node.id}`, { ...inputs(node), voter: true, joinSeconds: 1 });
  const voters = async (via: SimulatedNode) =>
    Object.entries(await cluster.roles(via)).flatMap(([id, role]) => (role === "learner" ? [] : [id]));

  it("three form a cluster", async () => {
    for (const node of first) node.boot();
    await Promise.all(first.map(create));
    assert.deepEqual(await voters(cluster.leader()), ["node01", "node02", "node03"]);
    assert.equal(record.foundings.length, 1);
    assert.deepEqual(record.adds, []);
  });

  it("a fourth joins, by its own unit or by Flint, once", async () => {
    node04.boot();
    await create(node04);
    assert.deepEqual(await voters(cluster.leader()), ["node01", "node02", "node03", "node04"]);
    assert.deepEqual(
      record.adds.map(({ id }) => id),
      ["node04"],
    );
  });

  it("the leader leaves, in its turn, without an election that nobody asked for", async () => {
    const leader = cluster.leader();
    const { term } = (await cluster.ask(leader, "chainfire", "GET", "/admin/cluster/members")).json;
    await remove(leader);
    await cluster.health(leader, "chainfire", "503 removed");
    assert.equal((await voters(cluster.leader())).includes(leader.id), false);
    assert.deepEqual(
      record.removes.map(({ id }) => id),
      [leader.id],
    );
    assert.equal(record.elections.at(-1)?.term, term + 1);
    await leader.wipe();
    leader.boot();
    await create(leader);
    assert.equal((await voters(cluster.leader())).length, 4);
  });

  it("a machine with a blank disk in a member's place gets another raft id", async () => {
    const replaced = first.find((node) => node !== cluster.leader()) as SimulatedNode;
    await remove(replaced);
    await replaced.wipe();
    replaced.boot();
    await create(replaced);
    assert.equal((await voters(cluster.leader())).length, 4);
    // And without having left before.
    await node04.wipe();
    node04.boot();
    await create(node04);
    const ids = record.adds.map(({ raftId }) => raftId);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(await voters(cluster.leader()), ["node01", "node02", "node03", "node04"]);
  });

  it("all leave but the last, which is the cluster; nothing of it was a violation", async () => {
    for (const node of [node04, ...first]) await remove(node);
    assert.equal((await voters(cluster.leader())).length, 1);
    assert.deepEqual(cluster.groups.chainfire.violations, []);
    assert.deepEqual(cluster.groups.flaredb.violations, []);
  });
});
