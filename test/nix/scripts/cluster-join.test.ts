import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { LoopbackCluster, script } from "../../lab/services/loopback-cluster.js";
import type { LoopbackNode } from "../../lab/services/loopback-node.js";
import { AnsweringMember, type Reply } from "./answering-member.js";

/** Chainfire as its contract allows it to be: no optional field, other ways to point to the leader. */
describe("cluster-join.sh: with members that answer in other ways", function () {
  this.timeout(120_000);
  let cluster: LoopbackCluster;
  let node01: LoopbackNode;
  let node02: LoopbackNode;
  let node04: LoopbackNode;
  const open: AnsweringMember[] = [];

  before(() => {
    cluster = new LoopbackCluster();
    node01 = cluster.node("node01");
    node02 = cluster.node("node02");
    node04 = cluster.node("node04");
    node04.configure([node01, node02], false);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((member) => member.close()));
    assert.equal(existsSync(node04.marker(".chainfire-joined")), false, "a marker was set");
  });
  after(() => cluster.destroy());

  const serve = async (node: LoopbackNode, answer: (request: string, body: string) => Reply) => {
    const member = await AnsweringMember.listen(node.tls, node.address, answer);
    open.push(member);
    return member;
  };
  const healthy = (state?: string) => (request: string) =>
    request === "GET /health" ? { status: 200, body: { status: "healthy", state } } : { status: 503 };
  const list = (leader: string, ...members: [string, string, string][]): Reply => ({
    status: 200,
    body: { leader, members: members.map(([id, raft_addr, role]) => ({ id, raft_addr, role })) },
  });
  const join = (env: Record<string, string> = {}) =>
    node04.script(script("cluster-join"), ["chainfire"], { FLINT_DEADLINE: "6", ...env });

  for (const [title, pointing] of [
    ["421 with leader_url", () => ({ status: 421, body: { leader_url: node02.url("chainfire") } })],
    ["307", () => ({ status: 307, headers: { Location: `${node02.url("chainfire")}/admin/member/add` } })],
  ] as [string, () => Reply][])
    it(`follows ${title} to the new leader, and believes only the leader's own list`, async () => {
      let added = false;
      await serve(node04, healthy());
      // node01 thinks that it still leads, and would list us at once.
      const stale = await serve(node01, (request) => {
        if (request.startsWith("POST")) return pointing();
        return list("node01", ["node01", node01.raftAddr, "leader"], ["node02", node02.raftAddr, "follower"]);
      });
      const leader = await serve(node02, (request) => {
        if (request.startsWith("POST")) {
          added = true;
          return { status: 201 };
        }
        return list("node02", ["node02", node02.raftAddr, "leader"], ["node04", node04.raftAddr, "learner"]);
      });
      const result = await join({ FLINT_DEADLINE: "2" });
      assert.ok(added);
      const wanted = `POST /admin/member/add {"id":"node04","raft_addr":"${node04.raftAddr}"}`;
      assert.ok(stale.requests.includes(wanted) && leader.requests.includes(wanted));
      assert.equal(result.code, 75);
      assert.match(result.said, /node04 to be a voter of chainfire did not come within 2 s/);
    });

  it("another address of the same id ends with 1, names both, and says what to do", async () => {
    await serve(node04, healthy());
    await serve(node01, (request) =>
      request.startsWith("POST")
        ? { status: 409, body: { id: "node04", raft_addr: "10.9.9.9:2380" } }
        : list("node01", ["node01", node01.raftAddr, "leader"]),
    );
    const result = await join();
    assert.equal(result.code, 1);
    const leader = node01.url("chainfire");
    assert.ok(
      result.said.endsWith(
        `cluster-join chainfire: chainfire has the member node04 at 10.9.9.9:2380, and cannot add node04 at ${node04.raftAddr}\n` +
          `cluster-join chainfire: remedy: remove that member (POST ${leader}/admin/member/remove {"id": "node04"}), or correct raft_addr in the stack file\n`,
      ),
      result.said,
    );
  });

  for (const [what, place, health] of [
    ["its data gone here", "there", { status: "healthy", state: "waiting", data: "lost" }],
    ["at another address", "elsewhere", { status: "healthy", state: "waiting" }],
  ] as const)
    it(`healthy under this name, ${what}: two machines claim it, and nothing is removed`, async () => {
      await serve(node04, () => ({ status: 200, body: health }));
      const address = place === "there" ? node04.raftAddr : "10.9.9.9:2380";
      const leader = await serve(node01, () => ({
        status: 200,
        body: {
          leader: "node01",
          members: [
            { id: "node01", raft_addr: node01.raftAddr, role: "leader", healthy: true },
            { id: "node04", raft_addr: address, role: "follower", healthy: true },
          ],
        },
      }));
      const result = await join();
      assert.equal(result.code, 1);
      assert.ok(
        result.said.endsWith(
          `cluster-join chainfire: chainfire has a healthy member node04 at ${address}, which is not this machine: two machines claim to be node04\n` +
            "cluster-join chainfire: remedy: switch this machine off if it is a copy; if it is to be another node, declare it as that (own name and addresses) and install it with pulumi up\n",
        ),
        result.said,
      );
      assert.deepEqual(
        leader.requests.filter((request) => request.startsWith("POST")),
        [],
      );
    });

  it("a refused certificate ends with 1 at once", async () => {
    await serve(node04, healthy("waiting"));
    await serve(node01, (request) =>
      request.startsWith("POST")
        ? { status: 403, body: { error: "no" } }
        : list("node01", ["node01", node01.raftAddr, "leader"]),
    );
    const result = await join();
    assert.equal(result.code, 1);
    assert.match(
      result.said,
      /refuses to add node04: 403 {"error":"no"}\n.*remedy: check that node\.crt is signed by the cluster's CA/,
    );
  });

  it("503 is asked again until the deadline; the error tells what was seen last", async () => {
    await serve(node04, healthy("waiting"));
    const leader = await serve(node01, (request) =>
      request.startsWith("POST")
        ? { status: 503, body: { error: "too many learners" } }
        : list("node01", ["node01", node01.raftAddr, "leader"]),
    );
    const result = await join({ FLINT_DEADLINE: "3" });
    assert.equal(result.code, 75);
    assert.match(
      result.said,
      /did not come within 3 s; last seen: the leader answers 503 {"error":"too many learners"}\n/,
    );
    assert.ok(leader.requests.filter((request) => request.startsWith("POST")).length > 2);
  });

  it("no service on this node: waits for it, and says which journal to read", async () => {
    const result = await join({ FLINT_DEADLINE: "1" });
    assert.equal(result.code, 75);
    assert.match(
      result.said,
      /a healthy chainfire on this node did not come within 1 s; last seen: .*\/health answers 000 .*(Couldn't connect|Failed to connect)/,
    );
    assert.match(
      result.said,
      /remedy: look at systemctl status chainfire and journalctl -u chainfire; a bootstrap node needs most of the others to be up\n$/,
    );
  });
});
