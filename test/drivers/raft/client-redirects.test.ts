import assert from "node:assert/strict";
import { eachWithCluster, ok, toLeader } from "./opened-client.js";

describe("the client of a raft service", function () {
  this.timeout(120_000);
  const { cluster, open, host } = eachWithCluster();

  describe("redirects", () => {
    it("go to the address that is known for the member, not to its name", async () => {
      await cluster().member("node02", toLeader("https://node01.dev.example.com:2379"));
      await cluster().member("node01", ok);
      const client = open();
      assert.equal(await client.remove("node04"), "removed");
      assert.deepEqual(cluster().asked("node01"), ["POST /admin/member/remove"]);
      await client.remove("node04");
      assert.equal(cluster().asked("node02").length, 1, "the leader was not remembered");
    });

    for (const status of [307, 308])
      it(`${status} keep method, body and path`, async () => {
        const location = "https://node01.dev.example.com:2379/v1/kv/a%20b/c";
        await cluster().member("node02", () => ({ status, headers: { location } }));
        await cluster().member("node01", ok);
        await open().put("a b/c", "värde", "node02");
        assert.deepEqual(cluster().seen[1], { member: "node01", method: "PUT", path: "/v1/kv/a%20b/c", body: "värde" });
      });

    it("go as given to a member that is not known", async () => {
      await cluster().member("new", ok);
      const url = cluster().urls.new ?? "";
      delete cluster().urls.new;
      await cluster().member("node01", toLeader(url));
      assert.equal(await open().remove("node04"), "removed");
      assert.equal(cluster().asked("new").length, 1);
    });

    it("do not go where it is not encrypted", async () => {
      await cluster().member("node01", toLeader("http://10.0.0.1:2379"));
      await assert.rejects(open().remove("node04"), { code: "RAFT_BUSY", found: "node01: HTTP 421: not the leader" });
    });

    it("end after five, with the way they went", async () => {
      await cluster().member("node01", toLeader("https://node02.test"));
      await cluster().member("node02", toLeader("https://node01.test"));
      await assert.rejects(open().put("key", "value", "node01"), {
        code: "RAFT_REDIRECTS",
        found: ["node01", "node02", "node01", "node02", "node01", "node02", "node01"].map(host).join(" → "),
      });
      assert.equal(cluster().seen.length, 6);
    });

    it("to a leader that is down lead on to the next member", async () => {
      await cluster().member("node01", ok);
      cluster().stop("node01");
      await cluster().member("node02", toLeader("https://node01.test"));
      await cluster().member("node03", ok);
      assert.equal(await open().remove("node04"), "removed");
      assert.deepEqual(cluster().asked("node03"), ["POST /admin/member/remove"]);
    });
  });
});
