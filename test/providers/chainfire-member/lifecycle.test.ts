import assert from "node:assert/strict";
import { lifecycle } from "../../../providers/chainfire-member/lifecycle.js";
import type { MemberOutputs } from "../../../providers/chainfire-member/schema.js";
import { LoopbackCluster } from "../../lab/services/loopback-cluster.js";
import type { LoopbackNode } from "../../lab/services/loopback-node.js";
import { memberInputs } from "../../lab/services/member-inputs.js";

describe("ChainfireMember, with the lab's services and a real raft store", function () {
  this.timeout(120_000);
  let cluster: LoopbackCluster;
  let voters: LoopbackNode[];
  let fourth: LoopbackNode;

  before(async () => {
    cluster = new LoopbackCluster();
    voters = ["node01", "node02", "node03"].map((id) => cluster.node(id));
    fourth = cluster.node("node04");
    for (const node of voters) node.configure(voters, true);
    fourth.configure(voters, false);
    for (const node of [...voters, fourth]) node.start("chainfire");
  });
  after(() => cluster?.destroy());

  const inputs = (node: LoopbackNode, deadline = 30) => memberInputs(cluster, voters, node, deadline);
  const outputs = (node: LoopbackNode, more: Partial<MemberOutputs> = {}) => ({
    ...inputs(node),
    voter: true,
    joinSeconds: 1,
    ...more,
  });
  const remove = (node: LoopbackNode, more: Partial<MemberOutputs> = {}) =>
    lifecycle.delete(`test/chainfire/${node.id}`, outputs(node, more));
  const named = (id: string): LoopbackNode =>
    cluster.nodes.find((node) => node.id === id) ?? assert.fail(`no node ${id}`);
  const ids = async (via: LoopbackNode) => (await cluster.members(via)).members.map(({ id }) => id).sort();

  it("three bootstrap members, created at once, vote within 10 s", async () => {
    const created = await Promise.all(voters.map((node) => lifecycle.create({ ...inputs(node) })));
    for (const [i, { id, outs }] of created.entries()) {
      assert.equal(id, `test/chainfire/node0${i + 1}`);
      assert.equal(outs.voter, true);
      assert.ok(Number(outs.joinSeconds) < 10, `${outs.joinSeconds} s`);
    }
    assert.deepEqual(await ids(voters[0] ?? fourth), ["node01", "node02", "node03"]);
  });

  it("a fourth joins the running cluster, and ends as a voter that serves", async () => {
    const { outs } = await lifecycle.create({ ...inputs(fourth) });
    assert.equal(outs.voter, true);
    const { members } = await cluster.members(fourth);
    assert.notEqual(members.find(({ id }) => id === "node04")?.role, "learner");
    assert.equal(members.length, 4);
  });

  it("repeated, as after a crash, nothing changes", async () => {
    const before = await cluster.members(fourth);
    await lifecycle.create({ ...inputs(fourth) });
    await lifecycle.update("test/chainfire/node04", outputs(fourth, { voter: false }), { ...inputs(fourth) });
    const after = await cluster.members(fourth);
    assert.deepEqual(await ids(fourth), ["node01", "node02", "node03", "node04"]);
    assert.equal(after.term, before.term);
  });

  it("a member is done only when the services behind it are healthy, and names those that are not", async () => {
    const dependents = { flaredb: fourth.url("flaredb") };
    await assert.rejects(lifecycle.create({ ...inputs(fourth, 2), dependents }), {
      message:
        "node04, joining the cluster, flaredb: expected flaredb on node04 to be healthy within 2 s but found flaredb answers ECONNREFUSED. " +
        "See `journalctl -u flaredb` on node04. [SERVICE_UNHEALTHY]",
    });
    for (const node of voters) node.start("flaredb");
    const first = voters[0] ?? fourth;
    await lifecycle.create({ ...inputs(first), dependents: { flaredb: first.url("flaredb") } });
    await Promise.all(voters.map((node) => node.stop("SIGTERM", "flaredb")));
  });

  it("an update of one that has voted checks its membership, and says so again after it has failed", async () => {
    let olds: Record<string, unknown> = outputs(fourth);
    for (let time = 0; time < 2; time++) {
      const changed = { ...inputs(fourth, 1), dependents: { flaredb: fourth.url("flaredb") } };
      await assert.rejects(lifecycle.update("test/chainfire/node04", olds, changed), (error) => {
        assert.ok(error instanceof Error);
        assert.match(
          error.message,
          /^node04, check of its membership, flaredb: expected flaredb on node04 to be healthy/,
        );
        olds = { ...olds, ...(error as Error & { properties?: Record<string, unknown> }).properties };
        assert.equal(olds.voter, false);
        return true;
      });
    }
  });

  it("a refresh sees a voter, and one that is gone", async () => {
    assert.equal((await lifecycle.read("test/chainfire/node04", outputs(fourth))).props.voter, true);
    const stranger = { ...outputs(fourth), node: "node09" };
    assert.deepEqual(await lifecycle.read("test/chainfire/node09", stranger), { id: "", props: {} });
  });

  it("the leader leaves: another leads, and the others go on", async () => {
    const leader = await cluster.leader();
    await remove(leader);
    const next = await cluster.leader();
    assert.notEqual(next.id, leader.id);
    assert.equal((await ids(next)).includes(leader.id), false);
    assert.equal((await ids(next)).length, 3);
    // Gone already: removing it again is no error.
    await remove(leader);
    await leader.stop("SIGKILL");
  });

  it("one that formed the cluster, and is gone from it since, joins a cluster that lives", async () => {
    const present = await ids(await cluster.leader());
    const [left] = voters.filter(({ id }) => !present.includes(id));
    assert.ok(left !== undefined);
    await assert.rejects(lifecycle.create({ ...inputs(left, 1) }), (error) => {
      assert.ok(error instanceof Error);
      assert.ok(
        error.message.startsWith(`${left.id}, joining the cluster, chainfire: expected Chainfire`),
        error.message,
      );
      return true;
    });
  });

  it("what would lose the quorum is refused, and nothing is removed", async () => {
    const leader = await cluster.leader();
    const [ill, leaving] = (await ids(leader)).filter((id) => id !== leader.id).map(named);
    assert.ok(ill !== undefined && leaving !== undefined);
    await ill.stop("SIGKILL");
    for (let look = 0; look < 50; look++) {
      const { members } = await cluster.members(leader);
      if (members.find(({ id }) => id === ill.id)?.healthy === false) break;
      await new Promise((next) => setTimeout(next, 200));
    }
    await assert.rejects(remove(leaving), {
      message:
        `${leaving.id}, leaving the cluster, chainfire: expected 2 of 3 healthy voters to remove it, and 2 of 2 afterwards but found ` +
        `2 healthy now, 1 without it (${leader.id}). ` +
        "Bring the other members back first, then run `pulumi up` again. Nothing was removed. [QUORUM_AT_RISK]",
    });
    assert.equal((await ids(leader)).length, 3);
    ill.start("chainfire");
    await cluster.health(ill, "chainfire", "200 (leader|follower)");
  });

  it("a member that is said to be gone, and answers, is not removed", async () => {
    const leader = await cluster.leader();
    const before = await ids(leader);
    const [follower] = before.filter((id) => id !== leader.id).map(named);
    assert.ok(follower !== undefined);
    process.env.FLINT_GONE = follower.id;
    try {
      await assert.rejects(remove(follower), {
        message:
          `${follower.id}, leaving the cluster, named in FLINT_GONE: expected no answer, for it is said to be gone but found chainfire on ` +
          `${follower.id} answers. Run \`pulumi up\` without FLINT_GONE: it is let go as any other. [NODE_NOT_GONE]`,
      });
    } finally {
      delete process.env.FLINT_GONE;
    }
    assert.deepEqual(await ids(leader), before);
  });

  it("all leave, one after another, though asked at once: the last one stays to the end", async () => {
    const left = (await ids(await cluster.leader())).map(named);
    assert.equal(left.length, 3);
    await Promise.all(left.map((node) => remove(node)));
    const last = await cluster.leader();
    assert.deepEqual(await ids(last), [last.id]);
  });

  it("nobody answers: a voter's state is kept, and the user told; one that never voted may go", async () => {
    await Promise.all(cluster.nodes.map((node) => node.stop("SIGKILL")));
    const urls = [...voters, fourth].map((node) => node.url("chainfire")).join(", ");
    await assert.rejects(remove(fourth), {
      message:
        `node04, leaving the cluster: chainfire of cluster test: expected an answer from one of its members but found none from ${urls}. ` +
        "Bring a member back; or, if the cluster is gone for good, forget this member with `pulumi state delete`. [MEMBERS_UNREACHABLE]",
    });
    await remove(fourth, { voter: false });
    const kept = await lifecycle.read("test/chainfire/node04", outputs(fourth));
    assert.deepEqual([kept.id, kept.props.voter], ["test/chainfire/node04", true]);
  });

  it("a service that does not start is told with its journal, and the resource is kept as unfinished", async () => {
    await assert.rejects(lifecycle.create({ ...inputs(fourth, 1) }), (error) => {
      assert.ok(error instanceof Error);
      assert.equal(
        error.message,
        "node04, joining the cluster, chainfire: expected Chainfire on node04 to be healthy within 1 s but found no answer. " +
          "See `journalctl -u chainfire -u chainfire-cluster-join` on node04. [SERVICE_UNHEALTHY]",
      );
      const { properties } = error as Error & { properties?: Record<string, unknown> };
      assert.equal(properties?.voter, false);
      return true;
    });
    assert.deepEqual(await lifecycle.diff("x", outputs(fourth, { voter: false }), { ...inputs(fourth) }), {
      changes: true,
    });
    assert.deepEqual(await lifecycle.diff("x", outputs(fourth), { ...inputs(fourth, 99) }), { changes: false });
  });
});
