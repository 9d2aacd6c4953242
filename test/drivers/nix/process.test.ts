import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { runProcess } from "../../../drivers/nix/process.js";
import { waitUntil } from "../../../foundation/wait.js";

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A process that ended, but was not waited for, is not alive.
  return !/^State:\s+Z/m.test(
    existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, "utf8") : "State: Z",
  );
};

describe("nix driver: running a program", function () {
  this.timeout(120_000);
  let directory: string;
  const at = (name: string) => path.join(directory, name);
  const sh = (script: string, options: Partial<Parameters<typeof runProcess>[2]> = {}) =>
    runProcess("sh", ["-c", script], { deadlineMs: 40_000, cwd: directory, ...options });

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "flint-process-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("answers with its exit code, its output, and each line as it arrives", async () => {
    const lines: string[] = [];
    const result = await sh("echo one; echo two >&2; printf three; exit 3", {
      onLine: (line, stream) => lines.push(`${stream} ${line}`),
    });
    assert.deepEqual(result, { code: 3, stdout: "one\nthree\n", stderrTail: ["two"] });
    assert.deepEqual(lines.sort(), ["stderr two", "stdout one", "stdout three"]);
  });

  it("keeps the last 200 lines of standard error", async () => {
    const { stderrTail } = await sh("seq 1 1000 >&2");
    assert.deepEqual([stderrTail.length, stderrTail[0], stderrTail.at(-1)], [200, "801", "1000"]);
  });

  it("gives it no standard input, and the environment asked for on top of ours", async () => {
    const { stdout } = await sh('cat; echo "$FLINT_TEST $HOME"', { env: { FLINT_TEST: "yes", HOME: "/x" } });
    assert.equal(stdout, "yes /x\n");
  });

  it("gives it none of Pulumi's variables: the stack's passphrase is among them", async () => {
    const { PULUMI_CONFIG_PASSPHRASE: before } = process.env;
    process.env.PULUMI_CONFIG_PASSPHRASE = "opens the state";
    try {
      assert.doesNotMatch((await sh("env")).stdout, /PULUMI_|opens the state/);
    } finally {
      if (before === undefined) delete process.env.PULUMI_CONFIG_PASSPHRASE;
      else process.env.PULUMI_CONFIG_PASSPHRASE = before;
    }
  });

  it("one that a signal ended counts as failed", async () => {
    assert.equal((await sh("kill -9 $$")).code, 255);
  });

  it("one that is not on PATH is named", async () => {
    await assert.rejects(runProcess("flint-no-such-tool", [], { deadlineMs: 1000 }), {
      name: "FlintError",
      message:
        "flint-no-such-tool: expected the program on PATH. " +
        "Install flint-no-such-tool, or put its directory on PATH of pulumi. [TOOL_MISSING]",
    });
  });

  it("is looked for on the PATH that it is given", async () => {
    await assert.rejects(runProcess("sh", ["-c", "true"], { deadlineMs: 1000, env: { PATH: directory } }), {
      code: "TOOL_MISSING",
    });
  });

  /** A program with a child and a grandchild, whose ids it writes; all of them would run for minutes. */
  const FAMILY = `sh -c 'sh -c "echo \\$\\$ > grandchild; exec sleep 300" & echo $$ > child; wait' & echo $$ > self; echo working >&2; wait`;
  const family = () => ["self", "child", "grandchild"].map((name) => Number(readFileSync(at(name), "utf8")));
  const started = () =>
    waitUntil(
      async () =>
        ["self", "child", "grandchild"].every((name) => existsSync(at(name)) && readFileSync(at(name), "utf8") !== ""),
      {
        reason: "the family to start",
        deadlineMs: 30_000,
        intervalMs: 20,
        remedy: "",
      },
    );

  const extinct = () =>
    waitUntil(async () => !family().some(alive), {
      reason: "the family's end",
      deadlineMs: 30_000,
      intervalMs: 20,
      remedy: "",
    });

  it("at its deadline, it ends with its children and grandchildren, and its last line is told", async () => {
    await assert.rejects(sh(FAMILY, { deadlineMs: 3_000 }), {
      name: "FlintError",
      message:
        "sh: expected an end within 3 s but found working. See what it was doing in the last line; " +
        "raise the deadline in the stack file if the machine is slow. [TOOL_TIMEOUT]",
    });
    await extinct();
  });

  it("one that ignores SIGTERM is killed 2 s later", async () => {
    const begun = performance.now();
    await assert.rejects(sh(`trap "" TERM; echo $$ > self; while :; do sleep 0.1; done`, { deadlineMs: 1_500 }), {
      code: "TOOL_TIMEOUT",
    });
    const took = performance.now() - begun;
    assert.ok(took > 3_400, `${took} ms`);
    assert.equal(alive(Number(readFileSync(at("self"), "utf8"))), false);
  });

  it("one that left the group and holds the output open does not hold up the deadline", async () => {
    const begun = performance.now();
    await assert.rejects(sh("setsid sh -c 'echo $$ > left; exec sleep 120' & wait", { deadlineMs: 2_000 }), {
      code: "TOOL_TIMEOUT",
    });
    const took = performance.now() - begun;
    process.kill(Number(readFileSync(at("left"), "utf8")), "SIGKILL");
    assert.ok(took < 40_000, `${took} ms`);
  });

  it("cancelled, it ends with its family, and the reason of the cancel is thrown", async () => {
    const cancel = new AbortController();
    const running = sh(FAMILY, { signal: cancel.signal });
    running.catch(() => {});
    await started();
    const reason = new Error("cancelled");
    cancel.abort(reason);
    await assert.rejects(running, (error) => error === reason);
    await extinct();
  });

  it("cancelled before it began, it does not begin", async () => {
    const reason = new Error("cancelled");
    await assert.rejects(sh("touch begun", { signal: AbortSignal.abort(reason) }), (error) => error === reason);
    assert.equal(existsSync(at("begun")), false);
  });
});
