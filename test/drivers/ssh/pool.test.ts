import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { SshPool } from "../../../drivers/ssh/pool.js";
import { freePort } from "../../loopback.js";
import { startSshd, type TestSshd } from "./sshd.js";

describe("a pool of ssh sessions", function () {
  this.timeout(120_000);
  let sshd: TestSshd;
  let pool: SshPool;
  beforeEach(async () => {
    sshd = await startSshd();
    pool = new SshPool();
  });
  afterEach(async () => {
    pool?.close();
    await sshd?.[Symbol.asyncDispose]();
  });

  const connectionOf = async (session: { exec(argv: string[]): Promise<{ stdout: string }> }) =>
    (await session.exec(["sh", "-c", "echo $PPID"])).stdout.trim();

  it("shares one connection among everyone who asks for the same host and keys", async () => {
    const [a, b] = await Promise.all([pool.get(sshd.target), pool.get({ ...sshd.target, name: "the same" })]);
    assert.equal(await connectionOf(a), await connectionOf(b));
    assert.equal(sshd.connections(), 1);
  });

  it("does not share it with someone who pins another host key", async () => {
    const session = await pool.get(sshd.target);
    assert.equal((await session.exec(["echo", "in"])).stdout, "in\n");
    const [key] = sshd.target.hostKeys;
    const other = await startSshd("other");
    await assert.rejects(pool.get({ ...sshd.target, hostKeys: other.target.hostKeys }), { code: "SSH_HOST_KEY" });
    await other[Symbol.asyncDispose]();
    assert.ok(key);
  });

  it("connects again after its connection broke, for sessions given out before", async () => {
    const session = await pool.get(sshd.target);
    const first = await connectionOf(session);
    await assert.rejects(session.exec(["sh", "-c", "kill -9 $PPID; sleep 5"]), { code: "SSH_CONNECTION_LOST" });
    assert.notEqual(await connectionOf(session), first);
  });

  it("tries again after a failed login", async () => {
    const port = await freePort();
    await assert.rejects(pool.get({ ...sshd.target, port }), { code: "SSH_UNREACHABLE" });
    assert.equal((await (await pool.get(sshd.target)).exec(["echo", "in"])).stdout, "in\n");
  });

  it("closes what nobody used for a while, but not under a running command", async () => {
    const brief = new SshPool({ idleMs: 200 });
    const session = await brief.get(sshd.target);
    await session.exec(["sleep", "0.6"]);
    assert.equal(sshd.connections(), 1);
    for (let look = 0; look < 600 && sshd.connections() > 0; look++) await sleep(50);
    assert.equal(sshd.connections(), 0);
    assert.equal((await session.exec(["echo", "back"])).stdout, "back\n");
    brief.close();
  });

  it("lets the process end by itself once idle", async () => {
    const code = `const { SshPool } = require(${JSON.stringify(require.resolve("../../../drivers/ssh/pool.js"))});
      (async () => { const s = await new SshPool({ idleMs: 300 }).get(JSON.parse(process.env.TARGET)); await s.exec(["true"]); })();`;
    const child = spawn(process.execPath, ["-e", code], {
      env: { ...process.env, TARGET: JSON.stringify(sshd.target) },
    });
    const [exitCode] = await Promise.race([once(child, "exit"), sleep(60_000, ["still running"], { ref: false })]);
    child.kill("SIGKILL");
    assert.equal(exitCode, 0);
  });

  it("leaves the shared connection alone when one of those who wait for it is cancelled", async () => {
    const cancelled = pool.get(sshd.target, { signal: AbortSignal.abort(new Error("Ctrl-C")) });
    const kept = pool.get(sshd.target);
    await assert.rejects(cancelled, { message: "Ctrl-C" });
    assert.equal((await (await kept).exec(["echo", "in"])).stdout, "in\n");
    assert.equal(sshd.connections(), 1);
  });
});
