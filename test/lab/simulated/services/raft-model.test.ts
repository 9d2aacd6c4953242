import assert from "node:assert/strict";
import { health } from "../../../../lab/simulated/services/raft/api.js";
import { ModelRack } from "./model-rack.js";

const THREE = ["node01", "node02", "node03"];

describe("simulated raft group", () => {
  it("forms when a majority of its initial members runs, and not before", async () => {
    const rack = new ModelRack("forms");
    rack.start(1);
    await rack.clock.pass(60_000);
    assert.equal(rack.leader, undefined);
    assert.deepEqual(health(rack.at(1)).body, { status: "no-leader" });
    rack.start(2);
    await rack.clock.pass(10_000);
    assert.deepEqual(Object.keys(rack.roles()), THREE);
    assert.deepEqual(
      rack.view()?.members.map(({ id, started }) => [id, started]),
      [
        ["node01", true],
        ["node02", true],
        ["node03", false],
      ],
    );
    rack.start(3);
    await rack.clock.pass(10_000);
    assert.ok(rack.view()?.members.every(({ started, healthy }) => started && healthy));
    assert.equal(rack.group.record.foundings.length, 1);
    assert.deepEqual(rack.group.violations, []);
  });

  it("has nothing to do while nothing changes", async () => {
    const rack = await ModelRack.formed();
    assert.equal(rack.clock.waiting, 0);
    rack.stop(1, 2);
    await rack.clock.pass(60_000);
    assert.equal(rack.clock.waiting, 0);
  });

  it("elects another leader when the first one is lost, in a later term", async () => {
    const rack = await ModelRack.formed();
    const { leader } = rack;
    assert.ok(leader !== undefined);
    const term = leader.data.term;
    rack.stop(Number(leader.id.slice(-1)));
    await rack.clock.pass(10_000);
    assert.notEqual(rack.leader?.id, leader.id);
    assert.ok((rack.leader?.data.term ?? 0) > term);
    assert.equal(rack.view()?.members.find(({ id }) => id === leader.id)?.healthy, false);
  });

  it("takes no write and has no leader without a majority; the write is not lost, if it was taken", async () => {
    const rack = await ModelRack.formed();
    assert.equal(await rack.put(1, "before"), undefined);
    rack.stop(2, 3);
    assert.match((await rack.put(1, "during")) ?? "", /timed out|no leader/);
    await rack.clock.pass(20_000);
    assert.equal(rack.leader, undefined);
    assert.equal(await rack.put(1, "later"), "etcdserver: no leader");
    rack.start(2);
    await rack.clock.pass(10_000);
    assert.equal(await rack.read(2, "before"), "before");
    assert.deepEqual(rack.group.violations, []);
  });

  it("a leader that is cut off steps down, and what it took alone is gone when it comes back", async () => {
    const rack = await ModelRack.formed();
    const { leader } = rack;
    assert.ok(leader !== undefined);
    const old = Number(leader.id.slice(-1));
    rack.link(old, false);
    const alone = rack.put(old, "alone");
    await rack.clock.pass(30_000);
    assert.match((await alone) ?? "", /timed out/);
    assert.notEqual(rack.leader?.id, leader.id);
    assert.deepEqual(health(leader).body, { status: "no-leader" });
    rack.link(old, true);
    await rack.clock.pass(10_000);
    assert.equal(await rack.read(old, "alone"), "nothing");
    assert.deepEqual(health(leader).body, { status: "healthy", state: "follower" });
    assert.deepEqual(rack.group.violations, []);
  });

  it("a member joins as a learner, and votes once it has caught up", async () => {
    const rack = await ModelRack.formed();
    rack.start(4);
    await rack.clock.pass(1_000);
    assert.deepEqual(health(rack.at(4)).body, { status: "healthy", state: "waiting" });
    assert.equal((await rack.add(4))?.status, 200);
    assert.equal(rack.roles().node04, "learner");
    assert.deepEqual((await rack.add(5))?.body, { error: "etcdserver: too many learner members in cluster" });
    await rack.clock.pass(10_000);
    assert.equal(rack.roles().node04, "follower");
    const { adds, promotions } = rack.group.record;
    assert.deepEqual(
      [adds, promotions].map((list) => list.map(({ id }) => id)),
      [["node04"], ["node04"]],
    );
  });

  it("a learner sends keys to the leader with the path as it was, and passes on the members", async () => {
    const rack = await ModelRack.formed();
    rack.start(4);
    await rack.clock.pass(1_000);
    await rack.add(4);
    while (health(rack.at(4)).status !== 200 || rack.at(4).state === "waiting") await rack.clock.pass(50);
    assert.deepEqual(health(rack.at(4)).body, { status: "healthy", state: "learner" });
    const leader = rack.leader?.id;
    assert.ok(leader !== undefined);
    const written = await rack.ask(4, "PUT", "/v1/kv/a%2Fb/c", "x");
    assert.equal(written?.status, 307);
    assert.equal(written?.headers?.Location, `https://${leader}.test.example.com:2379/v1/kv/a%2Fb/c`);
    const address = `https://10.0.200.${leader.slice(-1)}:2379`;
    assert.deepEqual(written?.body, {
      error: "not the leader",
      leader,
      leader_url: `https://${leader}.test.example.com:2379`,
      leader_address: address,
    });
    const members = await rack.ask(4, "GET", "/admin/cluster/members");
    assert.equal(members?.status, 200);
    assert.ok(members !== undefined && "leader" in members.body);
    assert.equal(members.body.leader, leader);
    assert.equal((await rack.ask(4, "POST", "/admin/member/remove", '{"id":"node01"}'))?.status, 421);
  });

  it("takes nobody while a voter is not connected, or was not a moment ago", async () => {
    const rack = await ModelRack.formed();
    const other = rack.leader?.id === "node01" ? 2 : 1;
    rack.stop(other);
    assert.deepEqual((await rack.add(4))?.body, { error: "etcdserver: unhealthy cluster" });
    rack.start(other);
    await rack.clock.pass(2_000);
    assert.equal((await rack.add(4))?.status, 503);
    await rack.clock.pass(5_000);
    assert.equal((await rack.add(4))?.status, 200);
  });

  it("removes nobody whose absence would leave no majority that is connected, but one that is down", async () => {
    const rack = await ModelRack.formed();
    const [down, up] = [1, 2, 3].filter((n) => rack.leader?.id !== `node0${n}`);
    assert.ok(down !== undefined && up !== undefined);
    rack.stop(down);
    await rack.clock.pass(6_000);
    assert.deepEqual((await rack.remove(up))?.body, { error: "etcdserver: unhealthy cluster" });
    assert.equal((await rack.remove(down))?.status, 200);
    await rack.clock.pass(6_000);
    assert.equal((await rack.remove(up))?.status, 200);
    const last = Number(rack.leader?.id.slice(-1));
    assert.equal((await rack.remove(last))?.status, 409);
    assert.deepEqual(rack.group.violations, []);
  });

  it("the leader hands over before it is removed; removed, it cannot come back by itself", async () => {
    const rack = await ModelRack.formed();
    const gone = Number(rack.leader?.id.slice(-1));
    assert.equal((await rack.remove(gone))?.status, 200);
    await rack.clock.pass(5_000);
    assert.deepEqual(health(rack.at(gone)).body, { status: "removed" });
    rack.stop(gone);
    rack.start(gone);
    await rack.clock.pass(10_000);
    assert.deepEqual(health(rack.at(gone)).body, { status: "removed" });
    assert.equal((await rack.remove(gone))?.status, 404);
    assert.equal((await rack.add(gone))?.status, 200);
    await rack.clock.pass(10_000);
    assert.equal(rack.roles()[`node0${gone}`], "follower");
    assert.equal(new Set(rack.group.record.removes.map(({ raftId }) => raftId)).size, 1);
    assert.deepEqual(rack.group.violations, []);
  });

  it("leadership moves to the voter that is named, and to nobody else", async () => {
    const rack = await ModelRack.formed();
    const heir = rack.leader?.id === "node01" ? 2 : 1;
    assert.equal((await rack.transfer(heir))?.status, 200);
    assert.equal(rack.leader?.id, `node0${heir}`);
    assert.deepEqual(await rack.transfer(5), { status: 422, body: { error: "node05 is not a voter" } });
  });

  it("a member without its data does not vote under its old raft id", async () => {
    const rack = await ModelRack.formed();
    const [lost, other] = [1, 2, 3].filter((n) => rack.leader?.id !== `node0${n}`);
    assert.ok(lost !== undefined && other !== undefined);
    rack.wipe(lost);
    rack.start(lost);
    await rack.clock.pass(5_000);
    assert.deepEqual(health(rack.at(lost)).body, { status: "healthy", state: "waiting", data: "lost" });
    const before = rack.view()?.members.find(({ id }) => id === `node0${lost}`)?.raft_id;
    rack.stop(other);
    await rack.clock.pass(20_000);
    assert.equal(rack.leader, undefined);
    rack.start(other);
    await rack.clock.pass(20_000);
    assert.equal((await rack.remove(lost))?.status, 200);
    await rack.clock.pass(6_000);
    assert.equal((await rack.add(lost))?.status, 200);
    await rack.clock.pass(10_000);
    const after = rack.view()?.members.find(({ id }) => id === `node0${lost}`);
    assert.equal(after?.role, "follower");
    assert.notEqual(after?.raft_id, before);
    assert.deepEqual(rack.group.violations, []);
  });

  it("initial members without data do not found a second cluster beside the first: that is a violation", async () => {
    const rack = await ModelRack.formed();
    rack.wipe(1);
    rack.wipe(2);
    rack.start(1, 2);
    await rack.clock.pass(30_000);
    assert.equal(rack.group.record.foundings.length, 1);
    assert.deepEqual(rack.group.violations, [
      "node01, node02 would found a second cluster while node03 have data of the first",
    ]);
  });

  it("when all are gone, a new cluster is founded, and the record tells whose data may still be somewhere", async () => {
    const rack = await ModelRack.formed();
    rack.stop(3);
    rack.wipe(1);
    rack.wipe(2);
    rack.start(1, 2);
    await rack.clock.pass(10_000);
    assert.deepEqual(
      rack.group.record.foundings.map(({ generation, survivors }) => [generation, survivors]),
      [
        [1, []],
        [2, ["node03"]],
      ],
    );
    assert.deepEqual(rack.group.violations, []);
  });
});
