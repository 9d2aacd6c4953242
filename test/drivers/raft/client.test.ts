import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { openRaft } from "../../../drivers/raft/client.js";
import type { Condition, RaftClient, RaftEndpoints } from "../../../drivers/raft/driver.js";
import { type Behaviour, FakeCluster } from "./fake-cluster.js";

const three = {
  leader: "node01",
  term: 7,
  members: [
    { id: "node01", raft_addr: "10.0.200.10:2380", role: "leader", healthy: true, match_index: 123 },
    { id: "node02", raft_addr: "10.0.200.11:2380", role: "follower" },
  ],
  commit_index: 123,
};
const ok: Behaviour = () => ({ status: 200, body: {} });
const toLeader =
  (url: string): Behaviour =>
  () => ({ status: 421, body: { error: "not the leader", leader_url: url } });

describe("the client of a raft service", function () {
  this.timeout(20_000);
  let cluster: FakeCluster;
  let opened: RaftClient[];
  beforeEach(() => {
    cluster = new FakeCluster();
    opened = [];
  });
  afterEach(async () => {
    for (const client of opened) await client.close();
    await cluster[Symbol.asyncDispose]();
  });
  function open(change: Partial<RaftEndpoints> = {}): RaftClient {
    const client = openRaft(cluster.endpoints(change));
    opened.push(client);
    return client;
  }
  const host = (id: string) => new URL(cluster.urls[id] ?? "").host;

  describe("health", () => {
    const answers: [string, Behaviour, boolean | undefined][] = [
      ["200 healthy", () => ({ status: 200, body: { status: "healthy", more: 1 } }), true],
      ["200 with another status", () => ({ status: 200, body: { status: "starting" } }), false],
      ["200 with a web page", () => ({ status: 200, body: "<html>" }), false],
      ["503", () => ({ status: 503, body: { status: "no-leader" } }), false],
      ["500", () => ({ status: 500 }), false],
      ["a closed connection", () => "drop", undefined],
      ["half an answer", () => "half", undefined],
      ["silence", () => "silence", undefined],
    ];
    for (const [what, behaviour, healthy] of answers)
      it(`is ${healthy} for ${what}`, async () => {
        await cluster.member("node01", behaviour);
        assert.equal(await open().health("node01", 300), healthy);
      });

    it("is undefined for a closed port, and an error for a name that is not known", async () => {
      await cluster.member("node01", ok);
      cluster.stop("node01");
      assert.equal(await open().health("node01"), undefined);
      await assert.rejects(open().health("node09"), {
        code: "MEMBER_UNKNOWN",
        message:
          "node09, chainfire of cluster dev: expected one of node01 but found node09. " +
          "Name a member whose API address is known. [MEMBER_UNKNOWN]",
      });
    });
  });

  describe("condition", () => {
    const answers: [string, Behaviour, Condition][] = [
      ["200 healthy", () => ({ status: 200, body: { status: "healthy" } }), "healthy"],
      ["200 that waits", () => ({ status: 200, body: { status: "healthy", state: "waiting" } }), "waiting"],
      [
        "200 whose data is lost",
        () => ({ status: 200, body: { status: "healthy", state: "waiting", data: "lost" } }),
        "data-lost",
      ],
      ["503 removed", () => ({ status: 503, body: { status: "removed" } }), "removed"],
      ["503 no-leader", () => ({ status: 503, body: { status: "no-leader" } }), "no-leader"],
      ["503 starting", () => ({ status: 503, body: { status: "starting" } }), "unhealthy"],
      ["fields that are no text", () => ({ status: 200, body: { status: "healthy", state: 7 } }), "healthy"],
      ["a web page", () => ({ status: 200, body: "<html>" }), "unhealthy"],
      ["more than 4 MiB", () => ({ status: 200, body: "x".repeat(5 * 1024 * 1024) }), "unhealthy"],
      ["half an answer", () => "half", "silent"],
      ["silence", () => "silence", "silent"],
    ];
    for (const [what, behaviour, condition] of answers)
      it(`is ${condition} for ${what}`, async () => {
        await cluster.member("node01", behaviour);
        assert.equal(await open().condition("node01", 500), condition);
      });

    it("is untrusted for another machine's certificate", async () => {
      await cluster.member("node01", ok, "elsewhere");
      assert.equal(await open().condition("node01"), "untrusted");
    });
  });

  describe("members", () => {
    it("drops what it does not know and tolerates what is missing", async () => {
      await cluster.member("node01", () => ({ status: 200, body: { ...three, version: 9, leader: null, term: null } }));
      assert.equal(
        JSON.stringify(await open().members()),
        JSON.stringify({ ...three, leader: undefined, term: undefined }),
      );
    });

    it("believes the leader rather than a member that was quicker", async () => {
      const stale = { ...three, leader: "node02", term: 6 };
      await cluster.member("node02", () => ({ status: 200, body: { ...stale, leader: "node01", commit_index: 1 } }));
      await cluster.member("node01", () => ({ status: 200, body: three }));
      assert.equal((await open().members())?.commit_index, 123);
    });

    it("believes the later term when two name a leader, and a leader before none", async () => {
      const says =
        (leader: string | undefined, term: number): Behaviour =>
        () => ({
          status: 200,
          body: { ...three, leader, term },
        });
      await cluster.member("node02", says("node09", 6));
      await cluster.member("node03", says("node08", 7));
      await cluster.member("node04", says(undefined, 99));
      assert.equal((await open().members())?.leader, "node08");
    });

    it("does not wait for a silent member once the leader has answered", async () => {
      await cluster.member("node02", () => "silence");
      await cluster.member("node01", () => ({ status: 200, body: three }));
      const started = performance.now();
      assert.equal((await open().members(5_000))?.leader, "node01");
      assert.ok(performance.now() - started < 1_000);
    });

    it("is undefined when none answers, at the deadline", async () => {
      await cluster.member("node01", () => "silence");
      await cluster.member("node02", () => ({ status: 503, body: { error: "no leader" } }));
      const started = performance.now();
      assert.equal(await open().members(500), undefined);
      assert.ok(performance.now() - started < 1_500);
    });

    it("waits out a 503 with Retry-After", async () => {
      let busy = 1;
      await cluster.member("node01", () =>
        busy-- > 0 ? { status: 503, headers: { "retry-after": "1" } } : { status: 200, body: three },
      );
      assert.equal((await open().members())?.leader, "node01");
    });

    it("asks again after a lost answer, and an answer that is none counts for nothing", async () => {
      let answers = 0;
      await cluster.member("node01", () => (answers++ === 0 ? "half" : { status: 200, body: three }));
      await cluster.member("node02", () => ({ status: 200, body: { members: "all" } }));
      assert.equal((await open().members())?.leader, "node01");
    });

    it("says that the certificate is another machine's, or that ours is not accepted", async () => {
      await cluster.member("node01", ok, "elsewhere");
      await assert.rejects(open().members(), {
        code: "RAFT_CERTIFICATE",
        message:
          `chainfire of cluster dev: expected a certificate for ${host("node01")} signed by the cluster's CA but found ` +
          "ERR_TLS_CERT_ALTNAME_INVALID. Check the machine's clock and its /etc/nixos/secrets/node.crt. " +
          "Nothing was sent to it. [RAFT_CERTIFICATE]",
      });
      assert.deepEqual(cluster.seen, []);
      await cluster.member("node01", () => ({ status: 403, body: { error: "not an operator" } }));
      await assert.rejects(open().members(), { code: "RAFT_AUTH", found: "HTTP 403: not an operator" });
    });
  });

  describe("add", () => {
    const node04 = { id: "node04", raft_addr: "10.0.200.13:2380" };

    for (const status of [200, 201])
      it(`is done with ${status}`, async () => {
        await cluster.member("node01", () => ({ status }));
        assert.equal(await open().add(node04), "added");
        assert.deepEqual(JSON.parse(cluster.seen[0]?.body ?? ""), node04);
      });

    it("takes a member with the same address for success", async () => {
      await cluster.member("node01", () => ({ status: 409, body: { error: "already a member", ...node04 } }));
      assert.equal(await open().add(node04), "already-member");
    });

    it("looks up the address when the refusal does not tell it", async () => {
      await cluster.member("node01", ({ method }) =>
        method === "POST"
          ? { status: 409 }
          : { status: 200, body: { ...three, members: [{ ...node04, role: "learner" }] } },
      );
      assert.equal(await open().add(node04), "already-member");
    });

    it("names both addresses of a conflict", async () => {
      const body = { error: "already a member", id: "node04", raft_addr: "10.0.200.99:2380" };
      await cluster.member("node01", () => ({ status: 409, body }));
      await assert.rejects(open().add(node04), {
        code: "MEMBER_ADDRESS_CONFLICT",
        message:
          "node04, chainfire of cluster dev: expected raft address 10.0.200.13:2380 but found 10.0.200.99:2380. " +
          "Declare the address that node04 has, or remove the member first. [MEMBER_ADDRESS_CONFLICT]",
      });
    });

    it("names the member that has the address", async () => {
      await cluster.member("node01", () => ({ status: 409, body: { id: "node03", raft_addr: node04.raft_addr } }));
      await assert.rejects(open().add(node04), {
        code: "MEMBER_ADDRESS_CONFLICT",
        found: "node03 at 10.0.200.13:2380",
        remedy: "Two members cannot share an address: correct one, or remove node03 first.",
      });
    });

    it("is sent once when its answer is lost", async () => {
      await cluster.member("node01", () => "drop");
      await cluster.member("node02", ok);
      await assert.rejects(open().add(node04), {
        code: "RAFT_ANSWER_LOST",
        message:
          `chainfire of cluster dev: expected an answer to adding node04 from ${host("node01")} but found other side closed. ` +
          "It may or may not have been done. Run the update again: it looks first. [RAFT_ANSWER_LOST]",
      });
      assert.deepEqual(cluster.asked("node02"), []);
      assert.equal(cluster.asked("node01").length, 1);
    });

    it("goes to another member when one is down or not ready, since nothing was done", async () => {
      await cluster.member("node01", ok);
      cluster.stop("node01");
      await cluster.member("node02", () => ({ status: 503, body: { error: "starting" } }));
      await cluster.member("node03", ok);
      assert.equal(await open().add(node04), "added");
    });

    it("says what each member said when none takes it, without waiting", async () => {
      await cluster.member("node01", ok);
      cluster.stop("node01");
      await cluster.member("node02", () => ({
        status: 503,
        body: { error: "no leader" },
        headers: { "retry-after": "9" },
      }));
      const started = performance.now();
      await assert.rejects(open().add(node04), {
        code: "RAFT_BUSY",
        message:
          "chainfire of cluster dev: expected adding node04 to be accepted but found " +
          `node01: ${host("node01")}: connection refused; node02: HTTP 503: no leader. It was not done. The cluster may be ` +
          "electing a leader or changing another member: try again in a moment. [RAFT_BUSY]",
      });
      assert.ok(performance.now() - started < 1_000);
    });

    it("tells the service's reason for a refusal", async () => {
      await cluster.member("node01", () => ({ status: 500, body: { error: "disk full" } }));
      await assert.rejects(open().add(node04), {
        code: "RAFT_REFUSED",
        message:
          "chainfire of cluster dev: expected adding node04 to be accepted but found HTTP 500: disk full. " +
          "See the leader's journal (journalctl -u chainfire). [RAFT_REFUSED]",
      });
    });

    it("shows no certificate that a refusal quotes, nor what a terminal would obey", async () => {
      const error = "bad:\n-----BEGIN CERTIFICATE-----\nMIIBszCCAVmg\n-----END CERTIFICATE-----\u001b[2J end";
      await cluster.member("node01", () => ({ status: 500, body: { error } }));
      await assert.rejects(open().add(node04), { found: "HTTP 500: bad: [PEM] [2J end" });
    });

    it("goes to another member when the leader's name does not resolve", async () => {
      await cluster.member("node01", toLeader("https://nowhere.invalid:2379"));
      await cluster.member("node02", ok);
      assert.equal(await open().add(node04), "added");
    });

    it("keeps to its deadline", async () => {
      await cluster.member("node01", () => "silence");
      await assert.rejects(open().add(node04, 300), { code: "RAFT_ANSWER_LOST", found: "none within 0.3 s" });
    });
  });

  describe("remove", () => {
    it("takes someone who is no member for success", async () => {
      await cluster.member("node01", ({ body }) => ({ status: body.includes("node04") ? 200 : 404 }));
      assert.equal(await open().remove("node04"), "removed");
      assert.equal(await open().remove("node09"), "not-a-member");
    });

    it("passes on why the last voter stays", async () => {
      await cluster.member("node01", () => ({ status: 409, body: { error: "node01 is the last voter" } }));
      await assert.rejects(open().remove("node01"), {
        code: "RAFT_REFUSED",
        found: "HTTP 409: node01 is the last voter",
      });
    });
  });

  describe("transferLeader", () => {
    for (const status of [404, 405])
      it(`is not supported when the service answers ${status}`, async () => {
        await cluster.member("node01", () => ({ status }));
        assert.equal(await open().transferLeader("node02"), false);
      });

    it("tells the heir", async () => {
      await cluster.member("node01", ok);
      assert.equal(await open().transferLeader("node02"), true);
      assert.equal(cluster.seen[0]?.body, '{"to":"node02"}');
    });
  });

  describe("redirects", () => {
    it("go to the address that is known for the member, not to its name", async () => {
      await cluster.member("node02", toLeader("https://node01.dev.example.com:2379"));
      await cluster.member("node01", ok);
      const client = open();
      assert.equal(await client.remove("node04"), "removed");
      assert.deepEqual(cluster.asked("node01"), ["POST /admin/member/remove"]);
      await client.remove("node04");
      assert.equal(cluster.asked("node02").length, 1, "the leader was not remembered");
    });

    for (const status of [307, 308])
      it(`${status} keep method, body and path`, async () => {
        const location = "https://node01.dev.example.com:2379/v1/kv/a%20b/c";
        await cluster.member("node02", () => ({ status, headers: { location } }));
        await cluster.member("node01", ok);
        await open().put("a b/c", "värde", "node02");
        assert.deepEqual(cluster.seen[1], { member: "node01", method: "PUT", path: "/v1/kv/a%20b/c", body: "värde" });
      });

    it("go as given to a member that is not known", async () => {
      await cluster.member("new", ok);
      const url = cluster.urls.new ?? "";
      delete cluster.urls.new;
      await cluster.member("node01", toLeader(url));
      assert.equal(await open().remove("node04"), "removed");
      assert.equal(cluster.asked("new").length, 1);
    });

    it("do not go where it is not encrypted", async () => {
      await cluster.member("node01", toLeader("http://10.0.0.1:2379"));
      await assert.rejects(open().remove("node04"), { code: "RAFT_BUSY", found: "node01: HTTP 421: not the leader" });
    });

    it("end after five, with the way they went", async () => {
      await cluster.member("node01", toLeader("https://node02.test"));
      await cluster.member("node02", toLeader("https://node01.test"));
      await assert.rejects(open().put("key", "value", "node01"), {
        code: "RAFT_REDIRECTS",
        found: ["node01", "node02", "node01", "node02", "node01", "node02", "node01"].map(host).join(" → "),
      });
      assert.equal(cluster.seen.length, 6);
    });

    it("to a leader that is down lead on to the next member", async () => {
      await cluster.member("node01", ok);
      cluster.stop("node01");
      await cluster.member("node02", toLeader("https://node01.test"));
      await cluster.member("node03", ok);
      assert.equal(await open().remove("node04"), "removed");
      assert.deepEqual(cluster.asked("node03"), ["POST /admin/member/remove"]);
    });
  });

  describe("keys", () => {
    it("are read as they were written, and absent ones are undefined", async () => {
      await cluster.member("node01", ({ path }) =>
        path === "/v1/kv/a" ? { status: 200, body: "1\n" } : { status: 404 },
      );
      assert.equal(await open().get("a"), "1\n");
      assert.equal(await open().get("b"), undefined);
      await open().deleteKey("b");
    });

    it("are read again when the answer is lost", async () => {
      let answers = 0;
      await cluster.member("node01", () => (answers++ < 2 ? "drop" : { status: 200, body: "1" }));
      assert.equal(await open().get("a", "node01"), "1");
    });

    it("are read from the next member when one is silent, within the same deadline", async () => {
      await cluster.member("node01", () => "silence");
      await cluster.member("node02", () => ({ status: 200, body: "1" }));
      const others = Array.from({ length: 19 }, (_, i) => [`other${i}`, cluster.urls.node02 ?? ""]);
      const urls = { node01: cluster.urls.node01 ?? "", ...Object.fromEntries(others) };
      assert.equal(await open({ urls }).get("a"), "1");
    });

    it("of a named member are not read from another", async () => {
      await cluster.member("node01", ok);
      cluster.stop("node01");
      await cluster.member("node02", ok);
      await assert.rejects(open().get("a", "node01"), {
        code: "RAFT_UNREACHABLE",
        found: `node01 → ${host("node01")}: connection refused`,
      });
      assert.deepEqual(cluster.seen, []);
    });
  });
});

describe("importing the raft driver", () => {
  it("loads neither undici nor cockatiel", () => {
    const code = `require(${JSON.stringify(require.resolve("../../../drivers/raft/client.js"))});
      console.log(Object.keys(require.cache).filter((path) => /undici|cockatiel/.test(path)).length)`;
    assert.equal(execFileSync(process.execPath, ["-e", code], { encoding: "utf8" }).trim(), "0");
  });
});
