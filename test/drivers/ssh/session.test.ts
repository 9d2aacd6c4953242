import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { scriptInput } from "../../../drivers/ssh/file-scripts.js";
import { openSsh } from "../../../drivers/ssh/session.js";
import type { SshSession } from "../../../drivers/ssh/target.js";
import { forgetSecrets, rememberSecrets } from "../../../foundation/redact.js";
import { waitUntil } from "../../../foundation/wait.js";
import { portOf } from "../../loopback.js";
import { startSshd, type TestSshd } from "./sshd.js";

const alive = (pid: number) => existsSync(`/proc/${pid}`);

async function gone(pid: number): Promise<boolean> {
  for (let look = 0; look < 600 && alive(pid); look++) await sleep(50);
  return !alive(pid);
}

describe("an ssh session with a real OpenSSH server", function () {
  this.timeout(120_000);
  let sshd: TestSshd;
  let ssh: SshSession;
  before(async () => {
    sshd = await startSshd();
    ssh = await openSsh(sshd.target);
  });
  after(async () => {
    ssh?.close();
    await sshd?.[Symbol.asyncDispose]();
  });

  describe("exec", () => {
    it("hands over arguments as they are", async () => {
      const { stdout } = await ssh.exec(["printf", "%s|", "a b", "it's", "$HOME", "", "`id`"]);
      assert.equal(stdout, "a b|it's|$HOME||`id`|");
    });

    it("gives standard input, and takes lines as they come", async () => {
      const lines: string[] = [];
      const result = await ssh.exec(["cat"], { stdin: "één\ntwee\r\nhalf", onLine: (line) => lines.push(line) });
      assert.deepEqual(lines, ["één", "twee", "half"]);
      assert.deepEqual(result, { code: 0, stdout: "één\ntwee\r\nhalf", stderr: "" });
    });

    it("says which command failed on which machine, how, and its last words, without secrets", async () => {
      rememberSecrets("hunter2hunter2");
      await assert.rejects(ssh.exec(["sh", "-c", "echo one >&2; echo password is hunter2hunter2 >&2; exit 3"]), {
        name: "FlintError",
        code: "SSH_COMMAND",
        message:
          "node01, sh: expected success but found exit code 3: one; password is [secret]. " +
          "Look at node01 (journalctl -e) for the cause, then run the update again. [SSH_COMMAND]",
      });
      forgetSecrets();
    });

    it("takes other exit codes as answers where told", async () => {
      const { code } = await ssh.exec(["sh", "-c", "exit 3"], { okCodes: [3] });
      assert.equal(code, 3);
    });

    it("gives up at the deadline and ends the remote process", async () => {
      let pid = 0;
      const running = ssh.exec(["sh", "-c", "echo $$; exec sleep 100"], {
        deadlineMs: 3_000,
        label: "disk check",
        onLine: (line) => {
          pid = Number(line);
        },
      });
      await assert.rejects(running, {
        code: "SSH_DEADLINE",
        message:
          "node01, disk check: expected an end within 3 s but found a command that still runs; it was sent SIGHUP. " +
          "Check what node01 is busy with, then run the update again. [SSH_DEADLINE]",
      });
      assert.ok(pid > 0);
      assert.ok(await gone(pid), "the remote sleep is still there");
    });

    it("ends the remote process when cancelled, with the signal's reason", async () => {
      const cancel = new AbortController();
      let pid = 0;
      const running = ssh.exec(["sh", "-c", "echo $$; exec sleep 100"], {
        signal: cancel.signal,
        onLine: (line) => {
          pid = Number(line);
          cancel.abort(new Error("Ctrl-C"));
        },
      });
      await assert.rejects(running, { message: "Ctrl-C" });
      assert.ok(await gone(pid));
    });

    it("runs forty commands at once although the server allows ten per connection", async () => {
      const all = await Promise.all(Array.from({ length: 40 }, (_, i) => ssh.exec(["echo", String(i)])));
      assert.deepEqual(
        all.map(({ stdout }) => stdout.trim()),
        Array.from({ length: 40 }, (_, i) => String(i)),
      );
    });

    it("waits for a server that has no room for another command yet", async () => {
      const narrow = await startSshd("narrow", ["MaxSessions 1"]);
      const other = await openSsh(narrow.target);
      const all = await Promise.all(Array.from({ length: 4 }, (_, i) => other.exec(["echo", String(i)])));
      assert.equal(all.map(({ stdout }) => stdout.trim()).join(""), "0123");
      other.close();
      await narrow[Symbol.asyncDispose]();
    });

    it("ends twenty commands at once, and has room for the next", async () => {
      const cancel = new AbortController();
      const pids: number[] = [];
      const all = Array.from({ length: 20 }, () =>
        ssh.exec(["sh", "-c", "echo $$; exec sleep 100"], {
          signal: cancel.signal,
          onLine: (line) => {
            if (pids.push(Number(line)) === 6) cancel.abort(new Error("Ctrl-C"));
          },
        }),
      );
      const results = await Promise.allSettled(all);
      assert.ok(results.every((result) => result.status === "rejected" && result.reason.message === "Ctrl-C"));
      assert.equal((await ssh.exec(["echo", "next"])).stdout, "next\n");
      assert.equal(pids.length, 6);
      for (const pid of pids) assert.ok(await gone(pid));
    });

    it("tells a broken connection from a failed command", async () => {
      const other = await openSsh(sshd.target);
      await assert.rejects(other.exec(["sh", "-c", "kill -9 $PPID; sleep 5"]), { code: "SSH_CONNECTION_LOST" });
      assert.ok(other.closed);
      await assert.rejects(other.exec(["true"]), {
        code: "SSH_CONNECTION_LOST",
        message:
          "node01, true: expected an answer but found a connection that ended before it. " +
          "Check that node01 is up and reachable, then run the update again. [SSH_CONNECTION_LOST]",
      });
    });

    it("is gone at once where it is destroyed, though the host does not say goodbye", async () => {
      const relay = createServer({ allowHalfOpen: true }, (near) => {
        const far = connect(sshd.target.port ?? 22, sshd.target.host);
        for (const socket of [near, far]) socket.on("error", () => {});
        near.pipe(far, { end: false });
        far.pipe(near, { end: false });
        relay.once("close", () => far.destroy());
      }).listen(0, "127.0.0.1");
      await once(relay, "listening");
      const other = await openSsh({ ...sshd.target, port: portOf(relay) });
      other.destroy();
      await waitUntil(async () => other.closed, { reason: "its end", deadlineMs: 60_000, intervalMs: 10, remedy: "" });
      relay.close();
    });

    it("carries four megabytes unharmed in both directions", async () => {
      const text = "0123456789abcdef".repeat(1024 * 256);
      const { stdout } = await ssh.exec(["cat"], { stdin: text });
      assert.equal(stdout, text);
    });
  });

  describe("script", () => {
    it("runs with arguments, and keeps its text out of the process list", async () => {
      const { stdout } = await ssh.script('token=not-in-argv; tr "\\0" " " < /proc/$$/cmdline; echo "$1|$2"', [
        "a b",
        "c",
      ]);
      assert.equal(stdout, "sh -s -- a b c a b|c\n");
    });

    it("is not eaten by a command in it that reads standard input", async () => {
      const { stdout } = await ssh.script("cat\necho after");
      assert.equal(stdout, "after\n");
    });

    it("passes on its exit code", async () => {
      await assert.rejects(ssh.script("false || exit 7\necho never", [], { label: "reload of dnsmasq" }), {
        code: "SSH_COMMAND",
        message: /^node01, reload of dnsmasq: expected success but found exit code 7 and no message\./,
      });
    });

    it("does nothing when only half of it arrives", async () => {
      const witness = join(sshd.directory, "half");
      const whole = scriptInput(`touch ${witness}\necho done`);
      await ssh.exec(["sh", "-s"], { stdin: whole.slice(0, -"\n} </dev/null\n".length), okCodes: [2] });
      assert.ok(!existsSync(witness));
    });
  });

  describe("follow", () => {
    it("tells lines as they are written, until stopped, and leaves no process", async () => {
      const log = join(sshd.directory, "log");
      writeFileSync(log, "one\n");
      const lines: string[] = [];
      let seen = () => {};
      const three = new Promise<void>((resolve) => {
        seen = resolve;
      });
      const following = await ssh.follow(["sh", "-c", 'echo $$; exec tail -n +1 -F "$1"', "sh", log], {
        onLine: (line) => {
          lines.push(line);
          if (lines.length === 2) appendFileSync(log, "two\n");
          if (lines.length === 3) seen();
        },
      });
      await three;
      following.stop();
      await following.done;
      assert.deepEqual(lines.slice(1), ["one", "two"]);
      assert.ok(await gone(Number(lines[0])), "tail is still there");
    });

    it("says when the command ends by itself with an error", async () => {
      const following = await ssh.follow(["tail", "-F", "--no-such-option"], { onLine: () => {}, label: "DHCP log" });
      await assert.rejects(following.done, {
        code: "SSH_COMMAND",
        message: /^node01, DHCP log: expected success but found exit code 1/,
      });
    });
  });
});

describe("importing the ssh driver", () => {
  it("loads ssh2 only when a connection is made", () => {
    const code = `require(${JSON.stringify(require.resolve("../../../drivers/ssh/pool.js"))});
      console.log(Object.keys(require.cache).filter((path) => path.includes("/ssh2/")).length)`;
    assert.equal(execFileSync(process.execPath, ["-e", code], { encoding: "utf8" }).trim(), "0");
  });
});
