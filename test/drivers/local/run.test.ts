import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expectSuccess, type LocalCommand, runLocally } from "../../../drivers/local/run.js";
import type { ExecOptions } from "../../../drivers/ssh/target.js";

const command = (argv: string[], changes: Partial<LocalCommand> = {}): LocalCommand => ({
  target: { name: "provisioning host", local: true },
  argv,
  sudo: false,
  name: argv[0] ?? "",
  deadlineMs: 20_000,
  ...changes,
});
const run = async (argv: string[], options: ExecOptions = {}) => {
  const one = command(argv);
  return expectSuccess(one, await runLocally(one, options), options.okCodes);
};
const gone = async (pid: string) => {
  for (let look = 0; look < 400 && existsSync(`/proc/${pid}`); look++) await sleep(50);
  return !existsSync(`/proc/${pid}`);
};

// What a session does with it, as root and through sudo: test/providers/host/access.test.ts, on a real host.
describe("a command on the machine that Flint runs on", function () {
  this.timeout(120_000);

  it("gets its arguments and its input as they are, and no shell sees them", async () => {
    const { stdout } = await run(["printf", "%s|", "a b", "it's", "$HOME", "", "`id`"]);
    assert.equal(stdout.toString(), "a b|it's|$HOME||`id`|");
    const bytes = Buffer.from([0, 255, 10, 13, 0]);
    assert.deepEqual((await run(["cat"], { stdin: bytes })).stdout, bytes);
  });

  it("sees nothing of Flint's own environment", async () => {
    process.env.PULUMI_CONFIG_PASSPHRASE = "open sesame";
    try {
      const { stdout } = await run(["env"]);
      const names = stdout
        .toString()
        .split("\n")
        .map((line) => line.split("=")[0]);
      assert.deepEqual(names.filter((name) => name !== "").sort(), ["LC_ALL", "PATH"]);
    } finally {
      delete process.env.PULUMI_CONFIG_PASSPHRASE;
    }
  });

  it("tells how it failed: by its code, a signal, or because there is no such program", async () => {
    await assert.rejects(run(["sh", "-c", "echo no >&2; exit 3"]), {
      code: "SSH_COMMAND",
      message: /^provisioning host, sh: expected success but found exit code 3: no\. Look at provisioning host/,
    });
    await assert.rejects(run(["sh", "-c", "kill -KILL $$"], { okCodes: [-1] }), {
      message: /found killed by KILL and no/,
    });
    await assert.rejects(run(["flint-no-such-program"]), { message: /found spawn flint-no-such-program ENOENT/ });
    assert.equal((await run(["sh", "-c", "exit 3"], { okCodes: [3] })).code, 3);
  });

  it("is ended with its children when it is cancelled, with the signal's reason", async () => {
    const stop = new AbortController();
    const pids: string[] = [];
    const running = run(["sh", "-c", "sleep 1000 & echo $!; echo $$; wait"], {
      signal: stop.signal,
      onLine: (line) => {
        pids.push(line);
        if (pids.length === 2) stop.abort(new Error("enough"));
      },
    });
    await assert.rejects(running, { message: "enough" });
    for (const pid of pids) assert.equal(await gone(pid), true, pid);
    await assert.rejects(run(["true"], { signal: stop.signal }), { message: "enough" });
  });

  it("is ended at its deadline", async () => {
    let pid = "";
    const late = runLocally(command(["sh", "-c", "echo $$; exec sleep 1000"], { name: "nap", deadlineMs: 3_000 }), {
      onLine: (line) => {
        pid = line;
      },
    });
    await assert.rejects(late, {
      code: "SSH_DEADLINE",
      message: /^provisioning host, nap: expected an end within 3 s/,
    });
    assert.equal(await gone(pid), true);
  });
});
