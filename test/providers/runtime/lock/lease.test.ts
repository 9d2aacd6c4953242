import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scriptInput } from "../../../../drivers/ssh/file-scripts.js";
import type { SshSession } from "../../../../drivers/ssh/target.js";
import { isFlintError } from "../../../../foundation/errors.js";
import { waitUntil } from "../../../../foundation/wait.js";
import { takeLease } from "../../../../providers/runtime/lock/lease.js";
import { thisProcess } from "../../../../providers/runtime/lock/owner.js";
import { LOCK } from "../../../../providers/runtime/lock/script.js";

const OTHERS = "ab12cd";

describe("a lease, on a machine whose shell is this one's", () => {
  const directory = mkdtempSync(join(tmpdir(), "flint-lease-"));
  const path = join(directory, "node.lock");
  after(() => rmSync(directory, { recursive: true, force: true }));
  beforeEach(() => rmSync(path, { force: true }));
  afterEach(() => {
    delete process.env.FLINT_TAKE_OVER;
    delete process.env.FLINT_LOCK_TIMEOUT;
  });

  const session = {
    script: (script: string, args: string[]) =>
      new Promise((ok, no) => {
        const child = execFile("sh", ["-s", "--", ...args], (error, stdout) => (error ? no(error) : ok({ stdout })));
        child.stdin?.end(scriptInput(script));
      }),
  } as unknown as SshSession;
  const now = () => Math.floor(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]));
  const holder = () => readFileSync(path, "utf8").split("\n")[0];
  const held = (expires: number, owner: object = {}) => {
    const somebody = { ...thisProcess("urn:pulumi:prod::p::t::node01", "update"), who: "bob@ops2", place: "elsewhere" };
    const line = JSON.stringify({ ...somebody, since: "2026-01-02T03:04:05.678Z", pid: 77, ...owner });
    writeFileSync(path, `${OTHERS}\n${now() + expires}\n${line}\n`);
  };
  const take = (seconds: number, { lost = [] as string[], said = [] as string[], at = path } = {}) =>
    takeLease({
      code: "NODE_LOCKED",
      seconds,
      session: async () => session,
      path: at,
      subject: "node01 at 10.0.0.11",
      owner: thisProcess("urn:pulumi:dev::p::t::node01", "create"),
      say: (text) => said.push(text),
      signal: new AbortController().signal,
      onLost: (who) => lost.push(who),
    });

  it("is refused, by name, while somebody else renews it", async () => {
    held(25);
    const error = await take(3).then(
      () => undefined,
      (each: unknown) => each,
    );
    assert.ok(isFlintError(error, "NODE_LOCKED"));
    assert.match(
      error.message,
      /^node01 at 10\.0\.0\.11: expected nobody else at work on it but found bob@ops2 \(stack prod, process 77\), at work since 2026-01-02 03:04:05 UTC for update of node01; its lock expires in \d+ s, and is renewed while that run lives\. Run the same command again when that run has ended\. To take the lock over, which ends that run: FLINT_TAKE_OVER=ab12cd pulumi up\. Nothing was changed\. \[NODE_LOCKED\]$/,
    );
    assert.equal(holder(), OTHERS);
  });

  it("is waited for until the other's expires, and says so meanwhile", async () => {
    held(4);
    const said: string[] = [];
    const lease = await take(30, { said });
    assert.match(
      said[0] ?? "",
      /^waiting for bob@ops2 \(stack prod, process 77\), .* its lock expires in \d s if that run has ended$/,
    );
    assert.notEqual(holder(), OTHERS);
    await lease.free();
    assert.throws(holder, /ENOENT/);
  });

  it("is waited for no longer than FLINT_LOCK_TIMEOUT says, and no shorter than it says", async () => {
    held(25);
    process.env.FLINT_LOCK_TIMEOUT = "0";
    const said: string[] = [];
    await assert.rejects(take(30, { said }), (error) => isFlintError(error, "NODE_LOCKED"));
    assert.ok(said.length <= 1, said.join("; "));
    held(5);
    process.env.FLINT_LOCK_TIMEOUT = "900";
    await (await take(1)).free(); // for itself it would have given up after 4 s
  });

  it("is not taken with a FLINT_LOCK_TIMEOUT that is no number", async () => {
    process.env.FLINT_LOCK_TIMEOUT = "5m";
    await assert.rejects(
      take(30),
      /^FlintError: FLINT_LOCK_TIMEOUT: expected whole seconds, 0 to 999999 but found "5m"\. Correct the variable, or unset it\. \[CONFIG_INVALID\]$/,
    );
    assert.throws(holder, /ENOENT/);
  });

  it("of a process that is certainly dead is taken over at once", async () => {
    const { place } = thisProcess(undefined, "create");
    held(25, { place, started: "an earlier process" });
    await (await take(30)).free();
  });

  it("is taken over by the token that its refusal names; the other learns who did it with its next renewal", async () => {
    const lost: string[] = [];
    const lease = await take(3, { lost });
    const own = holder();
    held(25);
    for (let waited = 0; lost.length === 0 && waited < 600; waited++) await new Promise((ok) => setTimeout(ok, 100));
    assert.match(lost.join(), /^bob@ops2 \(stack prod, process 77\), at work since .* for update of node01$/);
    await lease.free();
    assert.equal(holder(), OTHERS, "freed by one that does not hold it");
    process.env.FLINT_TAKE_OVER = OTHERS;
    const again = await take(30);
    assert.equal(holder(), own);
    await again.free();
  });

  describe("on a computer that sleeps for longer than it lasts", () => {
    const clock = Date.now;
    const sleep = (seconds: number) => {
      const now = Date.now;
      Date.now = () => now() + seconds * 1000;
    };
    afterEach(() => {
      Date.now = clock;
    });

    it("is certain again once whoever keeps it has said so; without a pause nobody is asked", async () => {
      const lease = await take(30);
      rmSync(path); // would be seen anew
      await lease.sure();
      sleep(29);
      await lease.sure();
      assert.throws(holder, /ENOENT/, "nobody was asked");
      sleep(3600);
      await lease.sure();
      assert.match(holder() ?? "", /^[0-9a-f]{6}$/);
      await lease.free();
    });

    it("is lost to who has worked meanwhile, and may have ended since: nothing more is done", async () => {
      const lost: string[] = [];
      const lease = await take(30, { lost });
      const bob = { ...thisProcess("urn:pulumi:prod::p::t::node01", "update"), who: "bob@ops2", pid: 77 };
      const words = [path, "take", OTHERS, "30", JSON.stringify(bob), holder() ?? ""];
      await session.script(LOCK, words);
      await session.script(LOCK, [path, "free", OTHERS, "30", "", ""]);
      sleep(3600);
      await assert.rejects(lease.sure(), /^Error: bob@ops2 .* took the lock over$/);
      assert.match(lost.join(), /^bob@ops2 \(stack prod, process 77\), at work since .* for update of node01$/);
      await assert.rejects(lease.sure(), /^Error: bob@ops2 .* took the lock over$/);
      await lease.free();
    });

    it("is asked for again while the network is not there yet", async () => {
      const lease = await take(30);
      const { script } = session;
      let refusals = 0;
      session.script = (...words) => (++refusals < 2 ? Promise.reject(new Error("no network")) : script(...words));
      sleep(3600);
      await lease.sure().finally(() => Object.assign(session, { script }));
      assert.equal(refusals, 2);
      await lease.free();
    });
  });

  it("has the same token as every other of this process: one take-over ends the run", async () => {
    const other = join(directory, "host.lock");
    const leases = [await take(30), await take(30, { at: other })];
    assert.equal(holder(), readFileSync(other, "utf8").split("\n")[0]);
    for (const lease of leases) await lease.free();
  });

  it("is renewed until it is given back, or dropped", async () => {
    const lease = await take(3);
    const expires = () => Number(readFileSync(path, "utf8").split("\n")[1]);
    const first = expires();
    await waitUntil(async () => expires() >= first + 2, {
      reason: "two renewals",
      deadlineMs: 60_000,
      intervalMs: 50,
      remedy: "",
    });
    lease.drop();
    const last = expires();
    await new Promise((ok) => setTimeout(ok, 1_200));
    assert.equal(expires(), last);
  });
});
