import assert from "node:assert/strict";
import { eachWithCluster, ok, three, toLeader } from "./opened-client.js";

describe("the client of a raft service", function () {
  this.timeout(120_000);
  const { cluster, open, host } = eachWithCluster();

  describe("add", () => {
    const node04 = { id: "node04", raft_addr: "10.0.200.13:2380" };

    for (const status of [200, 201])
      it(`is done with ${status}`, async () => {
        await cluster().member("node01", () => ({ status }));
        assert.equal(await open().add(node04), "added");
        assert.deepEqual(JSON.parse(cluster().seen[0]?.body ?? ""), node04);
      });

    it("takes a member with the same address for success", async () => {
      await cluster().member("node01", () => ({ status: 409, body: { error: "already a member", ...node04 } }));
      assert.equal(await open().add(node04), "already-member");
    });

    it("looks up the address when the refusal does not tell it", async () => {
      await cluster().member("node01", ({ method }) =>
        method === "POST"
          ? { status: 409 }
          : { status: 200, body: { ...three, members: [{ ...node04, role: "learner" }] } },
      );
      assert.equal(await open().add(node04), "already-member");
    });

    it("names both addresses of a conflict", async () => {
      const body = { error: "already a member", id: "node04", raft_addr: "10.0.200.99:2380" };
      await cluster().member("node01", () => ({ status: 409, body }));
      await assert.rejects(open().add(node04), {
        code: "MEMBER_ADDRESS_CONFLICT",
        message:
          "node04, chainfire of cluster dev: expected raft address 10.0.200.13:2380 but found 10.0.200.99:2380. " +
          "Declare the address that node04 has, or remove the member first. [MEMBER_ADDRESS_CONFLICT]",
      });
    });

    it("names the member that has the address", async () => {
      await cluster().member("node01", () => ({ status: 409, body: { id: "node03", raft_addr: node04.raft_addr } }));
      await assert.rejects(open().add(node04), {
        code: "MEMBER_ADDRESS_CONFLICT",
        found: "node03 at 10.0.200.13:2380",
        remedy: "Two members cannot share an address: correct one, or remove node03 first.",
      });
    });

    it("is sent once when its answer is lost", async () => {
      await cluster().member("node01", () => "drop");
      await cluster().member("node02", ok);
      await assert.rejects(open().add(node04), {
        code: "RAFT_ANSWER_LOST",
        message:
          `chainfire of cluster dev: expected an answer to adding node04 from ${host("node01")} but found other side closed. ` +
          "It may or may not have been done. Run the update again: it looks first. [RAFT_ANSWER_LOST]",
      });
      assert.deepEqual(cluster().asked("node02"), []);
      assert.equal(cluster().asked("node01").length, 1);
    });

    it("goes to another member when one is down or not ready, since nothing was done", async () => {
      await cluster().member("node01", ok);
      cluster().stop("node01");
      await cluster().member("node02", () => ({ status: 503, body: { error: "starting" } }));
      await cluster().member("node03", ok);
      assert.equal(await open().add(node04), "added");
    });

    it("says what each member said when none takes it, without waiting", async () => {
      await cluster().member("node01", ok);
      cluster().stop("node01");
      await cluster().member("node02", () => ({
        status: 503,
        body: { error: "no leader" },
        headers: { "retry-after": "9" },
      }));
      await assert.rejects(open().add(node04), {
        code: "RAFT_BUSY",
        message:
          "chainfire of cluster dev: expected adding node04 to be accepted but found " +
          `node01: ${host("node01")}: connection refused; node02: HTTP 503: no leader. It was not done. The cluster may be ` +
          "electing a leader or changing another member: try again in a moment. [RAFT_BUSY]",
      });
      assert.equal(cluster().asked("node02").length, 1);
    });

    it("tells the service's reason for a refusal", async () => {
      await cluster().member("node01", () => ({ status: 500, body: { error: "disk full" } }));
      await assert.rejects(open().add(node04), {
        code: "RAFT_REFUSED",
        message:
          "chainfire of cluster dev: expected adding node04 to be accepted but found HTTP 500: disk full. " +
          "See the leader's journal (journalctl -u chainfire). [RAFT_REFUSED]",
      });
    });

    it("shows no certificate that a refusal quotes, nor what a terminal would obey", async () => {
      const error = "bad:\n-----BEGIN CERTIFICATE-----\nMIIBszCCAVmg\n-----END CERTIFICATE-----\u001b[2J end";
      await cluster().member("node01", () => ({ status: 500, body: { error } }));
      await assert.rejects(open().add(node04), { found: "HTTP 500: bad: [PEM] [2J end" });
    });

    it("goes to another member when the leader's name does not resolve", async () => {
      await cluster().member("node01", toLeader("https://nowhere.invalid:2379"));
      await cluster().member("node02", ok);
      assert.equal(await open().add(node04), "added");
    });

    it("keeps to its deadline", async () => {
      await cluster().member("node01", () => "silence");
      await assert.rejects(open().add(node04, 300), { code: "RAFT_ANSWER_LOST", found: "none within 0.3 s" });
    });
  });

  describe("remove", () => {
    it("takes someone who is no member for success", async () => {
      await cluster().member("node01", ({ body }) => ({ status: body.includes("node04") ? 200 : 404 }));
      assert.equal(await open().remove("node04"), "removed");
      assert.equal(await open().remove("node09"), "not-a-member");
    });

    it("passes on why the last voter stays", async () => {
      await cluster().member("node01", () => ({ status: 409, body: { error: "node01 is the last voter" } }));
      await assert.rejects(open().remove("node01"), {
        code: "RAFT_REFUSED",
        found: "HTTP 409: node01 is the last voter",
      });
    });
  });

  describe("transferLeader", () => {
    for (const status of [404, 405])
      it(`is not supported when the service answers ${status}`, async () => {
        await cluster().member("node01", () => ({ status }));
        assert.equal(await open().transferLeader("node02"), false);
      });

    it("tells the heir", async () => {
      await cluster().member("node01", ok);
      assert.equal(await open().transferLeader("node02"), true);
      assert.equal(cluster().seen[0]?.body, '{"to":"node02"}');
    });
  });
});
