import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import type { Condition } from "../../../drivers/raft/driver.js";
import type { Behaviour } from "./fake-cluster.js";
import { eachWithCluster, ok, three } from "./opened-client.js";

describe("the client of a raft service", function () {
  this.timeout(120_000);
  const { cluster, open, host } = eachWithCluster();

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
        await cluster().member("node01", behaviour);
        assert.equal(await open().health("node01", 300), healthy);
      });

    it("is undefined for a closed port, and an error for a name that is not known", async () => {
      await cluster().member("node01", ok);
      cluster().stop("node01");
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
        await cluster().member("node01", behaviour);
        assert.equal(await open().condition("node01", 500), condition);
      });

    it("is untrusted for another machine's certificate", async () => {
      await cluster().member("node01", ok, "elsewhere");
      assert.equal(await open().condition("node01"), "untrusted");
    });
  });

  describe("members", () => {
    it("drops what it does not know and tolerates what is missing", async () => {
      await cluster().member("node01", () => ({
        status: 200,
        body: { ...three, version: 9, leader: null, term: null },
      }));
      assert.equal(
        JSON.stringify(await open().members()),
        JSON.stringify({ ...three, leader: undefined, term: undefined }),
      );
    });

    it("believes the leader rather than a member that was quicker", async () => {
      const stale = { ...three, leader: "node02", term: 6 };
      await cluster().member("node02", () => ({ status: 200, body: { ...stale, leader: "node01", commit_index: 1 } }));
      await cluster().member("node01", () => ({ status: 200, body: three }));
      assert.equal((await open().members())?.commit_index, 123);
    });

    it("believes the later term when two name a leader, and a leader before none", async () => {
      const says =
        (leader: string | undefined, term: number): Behaviour =>
        () => ({
          status: 200,
          body: { ...three, leader, term },
        });
      await cluster().member("node02", says("node09", 6));
      await cluster().member("node03", says("node08", 7));
      await cluster().member("node04", says(undefined, 99));
      assert.equal((await open().members())?.leader, "node08");
    });

    it("does not wait for a silent member once the leader has answered", async () => {
      await cluster().member("node02", () => "silence");
      await cluster().member("node01", () => ({ status: 200, body: three }));
      const started = performance.now();
      assert.equal((await open().members(60_000))?.leader, "node01");
      assert.ok(performance.now() - started < 30_000);
    });

    it("is undefined when none answers, at the deadline", async () => {
      await cluster().member("node01", () => "silence");
      await cluster().member("node02", () => ({ status: 503, body: { error: "no leader" } }));
      assert.equal(await open().members(500), undefined);
    });

    it("waits out a 503 with Retry-After", async () => {
      let busy = 1;
      await cluster().member("node01", () =>
        busy-- > 0 ? { status: 503, headers: { "retry-after": "1" } } : { status: 200, body: three },
      );
      assert.equal((await open().members())?.leader, "node01");
    });

    it("asks again after a lost answer, and an answer that is none counts for nothing", async () => {
      let answers = 0;
      await cluster().member("node01", () => (answers++ === 0 ? "half" : { status: 200, body: three }));
      await cluster().member("node02", () => ({ status: 200, body: { members: "all" } }));
      assert.equal((await open().members())?.leader, "node01");
    });

    it("says that the certificate is another machine's, or that ours is not accepted", async () => {
      await cluster().member("node01", ok, "elsewhere");
      await assert.rejects(open().members(), {
        code: "RAFT_CERTIFICATE",
        message:
          `node01, chainfire of cluster dev: expected a certificate for ${host("node01")} but found that of elsewhere. ` +
          "Either elsewhere has this address, or the machine there has a copy of elsewhere's disk: correct the address, or " +
          "switch that machine off and install it anew. Nothing was sent to it. [RAFT_CERTIFICATE]",
      });
      await cluster().member("node01", ok, "expired");
      await assert.rejects(open().members(), {
        code: "RAFT_CERTIFICATE",
        message:
          /^node01, chainfire of cluster dev: expected a certificate that is valid now but found one that expired on 2001-02-05 00:00 UTC \(the clock here says \d{4}-\d\d-\d\d \d\d:\d\d UTC\)\. If the clock here is right, run `pulumi refresh` and `pulumi up`: they put a valid one on node01 and restart its services\. Nothing was sent to it\. \[RAFT_CERTIFICATE\]$/,
      });
      await cluster().member("node01", ok);
      await assert.rejects(open({ ca: cluster().endpoints().clientCert }).members(), {
        code: "RAFT_CERTIFICATE",
        message:
          `node01, chainfire of cluster dev: expected a certificate for ${host("node01")} signed by the cluster's CA but found ` +
          "SELF_SIGNED_CERT_IN_CHAIN. Check the machine's clock and its /etc/nixos/secrets/node.crt. Nothing was sent " +
          "to it. [RAFT_CERTIFICATE]",
      });
      assert.deepEqual(cluster().seen, []);
      await cluster().member("node01", () => ({ status: 403, body: { error: "not an operator" } }));
      await assert.rejects(open().members(), { code: "RAFT_AUTH", found: "HTTP 403: not an operator" });
    });
  });

  describe("keys", () => {
    it("are read as they were written, and absent ones are undefined", async () => {
      await cluster().member("node01", ({ path }) =>
        path === "/v1/kv/a" ? { status: 200, body: "1\n" } : { status: 404 },
      );
      assert.equal(await open().get("a"), "1\n");
      assert.equal(await open().get("b"), undefined);
      await open().deleteKey("b");
    });

    it("are read again when the answer is lost", async () => {
      let answers = 0;
      await cluster().member("node01", () => (answers++ < 2 ? "drop" : { status: 200, body: "1" }));
      assert.equal(await open().get("a", "node01"), "1");
    });

    it("are read from the next member when one is silent, within the same deadline", async () => {
      await cluster().member("node01", () => "silence");
      await cluster().member("node02", () => ({ status: 200, body: "1" }));
      const others = Array.from({ length: 19 }, (_, i) => [`other${i}`, cluster().urls.node02 ?? ""]);
      const urls = { node01: cluster().urls.node01 ?? "", ...Object.fromEntries(others) };
      assert.equal(await open({ urls }).get("a"), "1");
    });

    it("of a named member are not read from another", async () => {
      await cluster().member("node01", ok);
      cluster().stop("node01");
      await cluster().member("node02", ok);
      await assert.rejects(open().get("a", "node01"), {
        code: "RAFT_UNREACHABLE",
        found: `node01 → ${host("node01")}: connection refused`,
      });
      assert.deepEqual(cluster().seen, []);
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
