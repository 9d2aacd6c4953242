import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { waitUntil } from "../../../foundation/wait.js";
import { assertAccess } from "./access.js";
import { LoopbackCluster, script } from "./loopback-cluster.js";
import type { LoopbackNode } from "./loopback-node.js";

const join = script("cluster-join");

describe("lab-service raft: a cluster's whole life, on real etcd", function () {
  this.timeout(120_000);
  let cluster: LoopbackCluster;
  let first: LoopbackNode[];
  let node04: LoopbackNode;

  before(() => {
    cluster = new LoopbackCluster();
    first = ["node01", "node02", "node03"].map((id) => cluster.node(id, id === "node02" ? "rsa" : "ec"));
    for (const node of first) node.configure(first, true);
    node04 = cluster.node("node04");
    node04.configure(first, false);
  });
  after(async function () {
    if (this.test?.parent?.tests.some((test) => test.state === "failed"))
      for (const node of cluster.nodes) console.error(`--- ${node.id}\n${node.log("chainfire").slice(-3000)}`);
    await cluster.destroy();
  });

  const roles = async (node: LoopbackNode) =>
    Object.fromEntries((await cluster.members(node)).members.map(({ id, role }) => [id, role]));

  it("three bootstrap nodes elect a leader", async () => {
    for (const node of first) node.start("chainfire");
    await Promise.all(first.map((node) => cluster.health(node, "chainfire", "200 (leader|follower)")));
    const view = await cluster.members(await cluster.leader());
    assert.deepEqual(
      view.members.map(({ id, raft_addr }) => [id, raft_addr]),
      first.map((node) => [node.id, node.raftAddr]),
    );
    assert.equal(view.members.filter(({ role }) => role === "leader").length, 1);
    assert.ok(view.term >= 1 && view.commit_index > 0);
  });

  it("cluster-join.sh sets its marker on each bootstrap node, and does nothing the second time", async () => {
    const results = await Promise.all(first.map((node) => node.script(join, ["chainfire"])));
    for (const [i, result] of results.entries()) {
      assert.equal(result.code, 0, result.said);
      assert.match(
        result.said,
        new RegExp(`node0${i + 1} is a (leader|follower) of chainfire, led by node0\\d \\(node01, node02, node03\\)`),
      );
      assert.ok(existsSync(first[i]?.marker(".chainfire-joined") ?? ""));
      assert.doesNotMatch(result.said, /asking the leader/);
    }
    const again = await first[0]?.script(join, ["chainfire"]);
    assert.equal(again?.code, 0);
    assert.match(again?.said ?? "", /^cluster-join chainfire: has joined before/);
  });

  it("health is open to anyone; the rest is for the operator and for nodes", async () => {
    await assertAccess(cluster, first[0]?.url("chainfire") ?? "", node04.tls);
  });

  it("a key written on one node is read back on the others, and gone everywhere once deleted", async () => {
    const [one, two, three] = first as [LoopbackNode, LoopbackNode, LoopbackNode];
    assert.equal((await cluster.ask(one, "chainfire", "PUT", "/v1/kv/a/b", "snow\n\u0000man")).status, 200);
    for (const node of [two, three])
      assert.equal((await cluster.ask(node, "chainfire", "GET", "/v1/kv/a/b")).text, "snow\n\u0000man");
    assert.equal((await cluster.ask(two, "chainfire", "DELETE", "/v1/kv/a/b")).status, 200);
    assert.equal((await cluster.ask(three, "chainfire", "GET", "/v1/kv/a/b")).status, 404);
  });

  it("a fourth node waits, is pointed to the leader, joins as a learner and gets its vote", async () => {
    node04.start("chainfire");
    await cluster.health(node04, "chainfire", "200 waiting");
    const leader = await cluster.leader();
    const follower = first.find((node) => node !== leader) as LoopbackNode;
    const elsewhere = await cluster.ask(follower, "chainfire", "POST", "/admin/member/add", {
      id: "node04",
      raft_addr: node04.raftAddr,
    });
    assert.equal(elsewhere.status, 421);
    assert.equal(elsewhere.json.leader_url, leader.url("chainfire"));
    const result = await node04.script(join, ["chainfire"]);
    assert.equal(result.code, 0, result.said);
    assert.match(result.said, /asking the leader at .* to add node04 at /);
    assert.equal((await roles(leader)).node04, "follower");
    const healthy = (await cluster.members(leader)).members.filter((member) => member.healthy && member.match_index);
    assert.equal(healthy.length, 4);
  });

  it("adding the same member again is a conflict that names it; so is another address", async () => {
    const leader = await cluster.leader();
    for (const raft_addr of [node04.raftAddr, "10.9.9.9:2380"]) {
      const answer = await cluster.ask(leader, "chainfire", "POST", "/admin/member/add", { id: "node04", raft_addr });
      assert.equal(answer.status, 409);
      assert.deepEqual(answer.json, { error: "already a member", id: "node04", raft_addr: node04.raftAddr });
    }
    rmSync(node04.marker(".chainfire-joined"));
    const result = await node04.script(join, ["chainfire"]);
    assert.equal(result.code, 0, result.said);
    assert.doesNotMatch(result.said, /asking the leader/);
  });

  it("leadership moves to the voter that is named, and to nobody else", async () => {
    const leader = await cluster.leader();
    const heir = first.find((node) => node !== leader) as LoopbackNode;
    assert.equal(
      (await cluster.ask(leader, "chainfire", "POST", "/admin/leader/transfer", { to: heir.id })).status,
      200,
    );
    assert.equal((await cluster.leader()).id, heir.id);
    const nobody = await cluster.ask(heir, "chainfire", "POST", "/admin/leader/transfer", { to: "node09" });
    assert.equal(nobody.status, 422);
    assert.deepEqual(nobody.json, { error: "node09 is not a voter" });
  });

  it("the leader can be removed: it hands over first, reports removed, and cannot come back by itself", async () => {
    const leader = await cluster.leader();
    const rest = cluster.nodes.filter((node) => node !== leader);
    assert.equal(
      (await cluster.ask(leader, "chainfire", "POST", "/admin/member/remove", { id: leader.id })).status,
      200,
    );
    await cluster.health(leader, "chainfire", "503 removed");
    assert.ok(readdirSync(leader.stateOf("chainfire")).some((name) => name.startsWith("removed-")));
    const next = await cluster.leader();
    assert.deepEqual(
      Object.keys(await roles(next)),
      rest.map(({ id }) => id),
    );
    assert.equal((await cluster.ask(next, "chainfire", "POST", "/admin/member/remove", { id: leader.id })).status, 404);
    await leader.stop();
    leader.start("chainfire");
    await cluster.health(leader, "chainfire", "503 removed");
    // Asked to join again, it does, under a new identity.
    rmSync(leader.marker(".chainfire-joined"));
    const result = await leader.script(join, ["chainfire"]);
    assert.equal(result.code, 0, result.said);
    assert.equal((await roles(next))[leader.id], "follower");
  });

  it("a member whose data is gone leaves and joins anew instead of voting twice", async () => {
    await node04.stop();
    node04.wipe("chainfire");
    rmSync(node04.marker(".chainfire-joined"));
    node04.start("chainfire");
    await cluster.health(node04, "chainfire", "200 waiting");
    assert.equal((await node04.call("chainfire", "GET", "/health")).json.data, "lost");
    const result = await node04.script(join, ["chainfire"]);
    assert.equal(result.code, 0, result.said);
    assert.match(result.said, /removing it before it is added again/);
    assert.equal((await roles(await cluster.leader())).node04, "follower");
  });

  it("a member that was down when it was removed finds out when it starts", async () => {
    await node04.stop();
    const leader = await cluster.leader();
    await waitUntil(
      async () =>
        (await cluster.ask(leader, "chainfire", "POST", "/admin/member/remove", { id: "node04" })).status === 200,
      { reason: "removal of node04", deadlineMs: 60_000, remedy: "See the leader's log." },
    );
    node04.start("chainfire");
    await cluster.health(node04, "chainfire", "503 removed");
  });

  it("all restart with what they had", async () => {
    await cluster.ask(first[0] as LoopbackNode, "chainfire", "PUT", "/v1/kv/kept", "yes");
    await Promise.all(first.map((node) => node.stop()));
    for (const node of first) node.start("chainfire");
    await Promise.all(first.map((node) => cluster.health(node, "chainfire", "200 (leader|follower)")));
    assert.deepEqual(Object.keys(await roles(await cluster.leader())), ["node01", "node02", "node03"]);
    assert.equal((await cluster.ask(first[2] as LoopbackNode, "chainfire", "GET", "/v1/kv/kept")).text, "yes");
  });

  it("without a quorum there is no health, and writing is refused for the time being", async () => {
    const [one, two, three] = first as [LoopbackNode, LoopbackNode, LoopbackNode];
    await Promise.all([two.stop("SIGKILL"), three.stop("SIGKILL")]);
    await cluster.health(one, "chainfire", "503 no-leader");
    const refusal = await cluster.ask(one, "chainfire", "POST", "/admin/member/remove", { id: "node02" });
    assert.equal(refusal.status, 503);
    assert.equal(refusal.headers["retry-after"], "1");
    assert.deepEqual(refusal.json, { error: "there is no leader" });
    // The killed processes took their etcd with them.
    assert.doesNotMatch(
      execFileSync("ps", ["-eo", "args"]).toString(),
      new RegExp(`etcd --name node0[23] --data-dir ${cluster.directory}`),
    );
    for (const node of [two, three]) node.start("chainfire");
    await Promise.all(first.map((node) => cluster.health(node, "chainfire", "200 (leader|follower)")));
  });
});
