// limit: 600 s
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { lifecycle } from "../../../providers/chainfire-member/lifecycle.js";
import type { MemberInputs } from "../../../providers/chainfire-member/schema.js";
import { type Fault, FaultyProxy } from "../../drivers/raft/faulty-proxy.js";
import { LoopbackCluster } from "../../lab/services/loopback-cluster.js";
import type { LoopbackNode } from "../../lab/services/loopback-node.js";

describe("ChainfireMember behind a faulty network, with the lab's services and a real raft store", function () {
  this.timeout(120_000);
  let cluster: LoopbackCluster;
  let voters: LoopbackNode[];
  let fourth: LoopbackNode;
  let proxies: FaultyProxy[];

  before(async () => {
    cluster = new LoopbackCluster();
    voters = ["node01", "node02", "node03"].map((id) => cluster.node(id));
    fourth = cluster.node("node04");
    for (const node of voters) node.configure(voters, true);
    fourth.configure(voters, false);
    for (const node of [...voters, fourth]) node.start("chainfire");
    await Promise.all(voters.map((node) => cluster.health(node, "chainfire", "200 (leader|follower)")));
    proxies = await FaultyProxy.before([...voters, fourth], cluster.operator);
  });
  beforeEach(() => {
    for (const proxy of proxies) proxy.seen.length = 0;
  });
  after(async () => {
    for (const proxy of proxies ?? []) await proxy[Symbol.asyncDispose]();
    await cluster?.destroy();
  });

  const inputs = (): MemberInputs => {
    const read = (name: string) => readFileSync(join(cluster.operator, name), "utf8");
    return {
      cluster: "faulty",
      service: "chainfire",
      node: fourth.id,
      raftAddr: fourth.raftAddr,
      // Nothing is told beforehand here: the proxies count what is asked.
      bootstrap: true,
      endpoints: Object.fromEntries(proxies.map((proxy) => [proxy.node.id, proxy.url])),
      dependents: {},
      ca: read("ca.crt"),
      clientCert: read("node.crt"),
      clientKey: read("node.key"),
      deadlines: { join: 60 },
    };
  };
  const create = () => lifecycle.create({ ...inputs() });
  const remove = () => lifecycle.delete("faulty/chainfire/node04", { ...inputs(), voter: true, joinSeconds: 1 });
  const seen = () => proxies.flatMap((proxy) => proxy.seen);
  /** How often the members' journals say that a change was made. */
  const made = (what: "add" | "remove") =>
    voters
      .concat(fourth)
      .flatMap((node) => node.log("chainfire").match(new RegExp(`${what} node04 .*: 200$`, "gm")) ?? []).length;
  const ids = async () => (await cluster.members(await cluster.leader())).members.map(({ id }) => id).sort();
  /** The fault happens once, to a request of this kind at the member that leads. */
  const once = async (what: string, fault: Fault) => {
    const leader = await cluster.leader();
    const happened = () => seen().includes(`${what} ${fault}`);
    for (const proxy of proxies)
      proxy.choose = (request) => (request === what && proxy.node === leader && !happened() ? fault : undefined);
  };
  const quiet = () => {
    for (const proxy of proxies) proxy.choose = () => undefined;
  };

  for (const fault of ["lost", "half"] as const) {
    it(`joining, the answer ${fault === "lost" ? "lost" : "cut in half"} after it was done: it is not done again`, async () => {
      await cluster.health(fourth, "chainfire", "200 waiting|503 removed");
      const before = made("add");
      await once("POST /admin/member/add", fault);
      const { outs } = await create();
      assert.equal(outs.voter, true);
      assert.deepEqual(await ids(), ["node01", "node02", "node03", "node04"]);
      assert.equal(made("add") - before, 1);
      assert.ok(seen().includes(`POST /admin/member/add ${fault}`), "the fault did not happen");
    });

    it(`leaving, the answer ${fault === "lost" ? "lost" : "cut in half"} after it was done: it is not done again`, async () => {
      const before = made("remove");
      await once("POST /admin/member/remove", fault);
      await remove();
      assert.deepEqual(await ids(), ["node01", "node02", "node03"]);
      assert.equal(made("remove") - before, 1);
      assert.ok(seen().includes(`POST /admin/member/remove ${fault}`), "the fault did not happen");
      quiet();
    });
  }

  it("every second request delayed, broken, cut, refused or sent astray: it joins and leaves all the same, once", async () => {
    await cluster.health(fourth, "chainfire", "200 waiting|503 removed");
    const faults: Fault[] = ["delay", "reset", "half", "500", "astray", "lost"];
    let count = 0;
    for (const proxy of proxies)
      proxy.choose = () => (++count % 2 === 0 ? faults[(count / 2) % faults.length] : undefined);
    const before = [made("add"), made("remove")];
    assert.equal((await create()).outs.voter, true);
    await remove();
    quiet();
    assert.deepEqual(await ids(), ["node01", "node02", "node03"]);
    assert.deepEqual([made("add") - (before[0] ?? 0), made("remove") - (before[1] ?? 0)], [1, 1]);
    const happened = new Set(seen().flatMap((line) => faults.filter((fault) => line.endsWith(` ${fault}`))));
    assert.deepEqual([...happened].sort(), [...faults].sort());
  });

  it("a member removed by someone else, its marker still there, is added again", async () => {
    await create();
    const leader = await cluster.leader();
    assert.equal(
      (await cluster.ask(leader, "chainfire", "POST", "/admin/member/remove", { id: "node04" })).status,
      200,
    );
    await cluster.health(fourth, "chainfire", "503 removed");
    assert.equal((await create()).outs.voter, true);
    assert.deepEqual(await ids(), ["node01", "node02", "node03", "node04"]);
  });

  it("a member that lost its data leaves under its old identity and joins under a new one", async () => {
    const raftId = async () =>
      (await cluster.ask(await cluster.leader(), "chainfire", "GET", "/admin/cluster/members")).json.members.find(
        (each: { id: string }) => each.id === "node04",
      )?.raft_id;
    const before = await raftId();
    await fourth.stop("SIGKILL");
    fourth.wipe("chainfire");
    fourth.start("chainfire");
    await cluster.health(fourth, "chainfire", "200 waiting");
    assert.equal((await create()).outs.voter, true);
    assert.deepEqual(await ids(), ["node01", "node02", "node03", "node04"]);
    assert.notEqual(await raftId(), before);
  });
});
