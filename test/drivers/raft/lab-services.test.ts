import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openRaft } from "../../../drivers/raft/client.js";
import type { RaftClient } from "../../../drivers/raft/driver.js";
import { isFlintError } from "../../../foundation/errors.js";
import { waitUntil } from "../../../foundation/wait.js";
import { LoopbackCluster } from "../../lab/services/loopback-cluster.js";
import type { LoopbackNode } from "../../lab/services/loopback-node.js";

describe("the client of a raft service, with the lab's services and a real raft store", function () {
  this.timeout(120_000);
  let cluster: LoopbackCluster;
  let client: RaftClient;
  let voters: LoopbackNode[];
  let fourth: LoopbackNode;

  before(async () => {
    cluster = new LoopbackCluster();
    voters = ["node01", "node02", "node03"].map((id) => cluster.node(id));
    fourth = cluster.node("node04");
    for (const node of voters) node.configure(voters, true);
    fourth.configure(voters, false);
    for (const node of voters) node.start("chainfire");
    await Promise.all(voters.map((node) => cluster.health(node, "chainfire", "200 (leader|follower)")));
    const read = (name: string) => readFileSync(join(cluster.operator, name), "utf8");
    client = openRaft({
      cluster: "test",
      service: "chainfire",
      urls: Object.fromEntries([...voters, fourth].map((node) => [node.id, node.url("chainfire")])),
      ca: read("ca.crt"),
      clientCert: read("node.crt"),
      clientKey: read("node.key"),
    });
  });
  after(async () => {
    await client?.close();
    await cluster?.destroy();
  });

  const roles = async () => {
    const membership = await client.members();
    return Object.fromEntries(
      (membership?.members ?? []).map(({ id, role }) => [id, role === "leader" ? "voter" : role]),
    );
  };

  it("sees three members and their leader", async () => {
    const membership = await client.members();
    assert.ok(membership?.leader !== undefined);
    assert.deepEqual(membership.members.map(({ id }) => id).sort(), ["node01", "node02", "node03"]);
    assert.equal(await client.health("node01"), true);
    assert.equal(await client.health("node04"), undefined);
  });

  it("reads back on each member what it wrote through any of them", async () => {
    for (const { id } of voters) {
      await client.put("flint/check/a b", `by ${id}`, id);
      for (const other of voters) assert.equal(await client.get("flint/check/a b", other.id), `by ${id}`);
    }
    await client.deleteKey("flint/check/a b");
    assert.equal(await client.get("flint/check/a b"), undefined);
  });

  it("adds a member once, through whoever it asks, and sees it vote", async () => {
    fourth.start("chainfire");
    const wanted = { id: fourth.id, raft_addr: fourth.raftAddr };
    // etcd takes no member before its voters have been connected for five seconds: "busy", and nothing was done.
    const outcome = await waitUntil(
      () =>
        client.add(wanted).catch((error: unknown) => {
          if (isFlintError(error, "RAFT_BUSY")) return undefined;
          throw error;
        }),
      { reason: "the cluster to take a member", deadlineMs: 60_000, remedy: "" },
    );
    assert.equal(outcome, "added");
    assert.equal(await client.add(wanted), "already-member");
    await waitUntil(async () => (await roles()).node04 === "follower", {
      reason: "node04 to vote",
      deadlineMs: 60_000,
      remedy: "See its log.",
      lastSeen: () => fourth.log("chainfire").slice(-2000),
    });
  });

  it("names both addresses when a member is at another one", async () => {
    await assert.rejects(client.add({ id: fourth.id, raft_addr: "10.9.9.9:2380" }), {
      code: "MEMBER_ADDRESS_CONFLICT",
      expected: "raft address 10.9.9.9:2380",
      found: fourth.raftAddr,
    });
  });

  it("hands leadership to a named member", async () => {
    assert.equal(await client.transferLeader("node04"), true);
    assert.equal((await client.members())?.leader, "node04");
  });

  it("removes the leader, which hands over first, and nobody twice", async () => {
    assert.equal(await client.remove("node04"), "removed");
    assert.equal(await client.remove("node04"), "not-a-member");
    const membership = await waitUntil(
      async () => {
        const now = await client.members();
        return now?.leader !== undefined && now.leader !== "node04" ? now : undefined;
      },
      { reason: "another leader", deadlineMs: 60_000, remedy: "" },
    );
    assert.deepEqual(membership.members.map(({ id }) => id).sort(), ["node01", "node02", "node03"]);
  });

  it("goes on with a member down", async () => {
    const { leader } = (await client.members()) ?? {};
    const down = voters.find(({ id }) => id === leader);
    await down?.stop("SIGKILL", "chainfire");
    await waitUntil(
      async () => {
        const now = await client.members(3_000);
        return now?.leader !== undefined && now.leader !== leader;
      },
      { reason: "another leader", deadlineMs: 60_000, remedy: "" },
    );
    await client.put("after", "the fall");
    assert.equal(await client.get("after"), "the fall");
    assert.equal(await client.health(down?.id ?? ""), undefined);
  });
});
