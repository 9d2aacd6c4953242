import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { removeAbandonedLocks } from "../../../lab/demo/abandoned-locks.js";

describe("locks of a rack's stack", () => {
  const state = mkdtempSync(path.join(tmpdir(), "flint-locks-"));
  const locks = path.join(state, ".pulumi/locks/organization/flint/dev");
  const lock = (name: string, pid: number | undefined) =>
    writeFileSync(path.join(locks, name), JSON.stringify({ pid }));

  before(() => mkdirSync(locks, { recursive: true }));
  after(() => rmSync(state, { recursive: true }));

  it("those of runs that were killed go, and that of one that works stays", async () => {
    const program = path.join(state, "pulumi");
    symlinkSync("/bin/sleep", program);
    const working = spawn(program, ["60"]);
    const ended = spawn("true");
    await Promise.all([once(working, "spawn"), once(ended, "exit")]);
    lock("working.json", working.pid);
    lock("ended.json", ended.pid);
    lock("number-of-another.json", process.pid);
    try {
      assert.equal(removeAbandonedLocks(state), 2);
      assert.deepEqual(readdirSync(locks), ["working.json"]);
    } finally {
      working.kill("SIGKILL");
    }
  });

  it("none where there is no state yet", () => {
    assert.equal(removeAbandonedLocks(path.join(state, "none")), 0);
  });
});
