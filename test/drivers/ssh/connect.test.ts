import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fingerprint, parseHostKey } from "../../../drivers/ssh/host-key.js";
import { sshAnswers } from "../../../drivers/ssh/probe.js";
import { openSsh } from "../../../drivers/ssh/session.js";
import { waitUntil } from "../../../foundation/wait.js";
import { freePort } from "../../loopback.js";
import { startSshd, type TestSshd } from "./sshd.js";

describe("logging in by ssh", function () {
  this.timeout(120_000);
  let node: TestSshd;
  let other: TestSshd;
  before(async () => {
    [node, other] = await Promise.all([startSshd("node01"), startSshd("bastion")]);
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
    await other?.[Symbol.asyncDispose]();
  });

  it("works with the pinned host key and the login key", async () => {
    const ssh = await openSsh(node.target);
    assert.equal((await ssh.exec(["echo", "hello"])).stdout, "hello\n");
    ssh.close();
    assert.equal(await sshAnswers(node.target), "ready");
  });

  it("refuses a host with another key, naming both fingerprints, before it offers the login key", async () => {
    const target = { ...node.target, hostKeys: other.target.hostKeys };
    const print = (line?: string) => fingerprint(parseHostKey(line ?? "")?.blob ?? Buffer.alloc(0));
    await assert.rejects(openSsh(target), {
      name: "FlintError",
      code: "SSH_HOST_KEY",
      message:
        `node01, host key at 127.0.0.1:${node.target.port}: expected ${print(other.target.hostKeys[0])} ` +
        `but found ${print(node.target.hostKeys[0])}. Another machine answers at this address, or node01 was ` +
        "reinstalled by someone else. Nothing was sent to it. [SSH_HOST_KEY]",
    });
    assert.equal(await sshAnswers(target), "wrong-host-key");
  });

  it("accepts any one of several pinned keys", async () => {
    const target = { ...node.target, hostKeys: [...other.target.hostKeys, ...node.target.hostKeys] };
    assert.equal(await sshAnswers(target), "ready");
  });

  it("trusts nobody on first use", async () => {
    await assert.rejects(openSsh({ ...node.target, hostKeys: [] }), {
      code: "SSH_HOST_KEY_UNKNOWN",
      message:
        "node01, pinned host key: expected an OpenSSH public key line (ssh-ed25519 AAAA…) but found none. " +
        "Declare the line of /etc/ssh/ssh_host_ed25519_key.pub as read on node01 itself. [SSH_HOST_KEY_UNKNOWN]",
    });
    await assert.rejects(openSsh({ ...node.target, hostKeys: ["ssh-rsa AAAAC3NzaC1lZDI1NTE5"] }), {
      code: "SSH_HOST_KEY_UNKNOWN",
    });
  });

  it("says whose authorized_keys lacks the login key", async () => {
    const target = { ...node.target, privateKey: other.target.privateKey };
    await assert.rejects(openSsh(target), {
      code: "SSH_AUTH",
      message: new RegExp(
        `^node01: expected the login key to be accepted for ${target.user}@127\\.0\\.0\\.1:${target.port} but found a refusal\\. ` +
          `Add the key's public half to ~${target.user}/\\.ssh/authorized_keys on node01\\. \\[SSH_AUTH\\]$`,
      ),
    });
    assert.equal(await sshAnswers(target), "auth-failed");
  });

  it("names a login key that is none, without showing it", async () => {
    await assert.rejects(openSsh({ ...node.target, privateKey: "not a key" }), {
      code: "SSH_KEY",
      message: /^node01, login key: expected an unencrypted private key/,
    });
  });

  it("tells a closed port", async () => {
    const target = { ...node.target, port: await freePort() };
    await assert.rejects(openSsh(target), {
      code: "SSH_UNREACHABLE",
      message:
        `node01: expected ssh at ${target.user}@127.0.0.1:${target.port} but found connection refused. Check that node01 ` +
        `is up, that 127.0.0.1 is its address, and that nothing blocks port ${target.port}. [SSH_UNREACHABLE]`,
    });
    assert.equal(await sshAnswers(target), "refused");
  });

  it("tells a host that accepts and stays silent, at the deadline", async () => {
    const silent = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    assert.ok(address !== null && typeof address !== "string");
    const target = { ...node.target, port: address.port };
    assert.equal(await sshAnswers(target, { deadlineMs: 400 }), "timeout");
    await assert.rejects(openSsh(target, { deadlineMs: 300 }), { message: /but found no login within 0\.3 s\./ });
    await assert.rejects(openSsh(target, { signal: AbortSignal.timeout(100) }), { name: "TimeoutError" });
    silent.close();
  });

  it("tells a host that hangs up at once, as one that boots does", async () => {
    const rude = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
    await once(rude, "listening");
    const address = rude.address();
    assert.ok(address !== null && typeof address !== "string");
    assert.equal(await sshAnswers({ ...node.target, port: address.port }), "refused");
    rude.close();
  });

  it("goes through a jump host, and checks both host keys", async () => {
    const ssh = await openSsh({ ...node.target, jump: other.target });
    const { stdout } = await ssh.exec(["sh", "-c", "echo $SSH_CONNECTION"]);
    assert.ok(stdout.trim().endsWith(`127.0.0.1 ${node.target.port}`));
    assert.ok(other.connections() > 0, "nothing went through the bastion");
    ssh.close();
    await assert.rejects(openSsh({ ...node.target, jump: { ...other.target, hostKeys: node.target.hostKeys } }), {
      code: "SSH_HOST_KEY",
      message: /^bastion, host key/,
    });
    await assert.rejects(openSsh({ ...node.target, hostKeys: other.target.hostKeys, jump: other.target }), {
      code: "SSH_HOST_KEY",
      message: /^node01, host key/,
    });
    await assert.rejects(openSsh({ ...node.target, port: await freePort(), jump: other.target }), {
      code: "SSH_UNREACHABLE",
      message: /but found no way there from bastion: .*Connection refused/,
    });
  });

  it("leaves nothing open on the jump host when it is cancelled on the way", async () => {
    const cancel = new AbortController();
    const silent = createServer((socket) => {
      socket.on("error", () => {}).once("data", () => cancel.abort(new Error("Ctrl-C")));
    }).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    assert.ok(address !== null && typeof address !== "string");
    const target = { ...node.target, port: address.port, jump: other.target };
    await assert.rejects(openSsh(target, { signal: cancel.signal }), { message: "Ctrl-C" });
    await waitUntil(async () => other.connections() === 0, {
      reason: "the end of the connection to the jump host",
      deadlineMs: 60_000,
      intervalMs: 20,
      remedy: "",
    });
    silent.close();
  });

  it("asks a host with several keys for the one that is pinned", async () => {
    const { execFileSync } = await import("node:child_process");
    const rsa = join(node.directory, "rsa");
    execFileSync("ssh-keygen", ["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", rsa]);
    await using both = await startSshd("node02", [`HostKey ${rsa}`]);
    const pinned = readFileSync(`${rsa}.pub`, "utf8");
    assert.equal(await sshAnswers({ ...both.target, hostKeys: [pinned] }), "ready");
    assert.equal(await sshAnswers(both.target), "ready");
  });
});

describe("a host key's fingerprint", () => {
  it("is what ssh-keygen prints", async () => {
    await using sshd = await startSshd();
    const { execFileSync } = await import("node:child_process");
    const printed = execFileSync("ssh-keygen", ["-l", "-f", join(sshd.directory, "host.pub")], { encoding: "utf8" });
    const key = parseHostKey(sshd.target.hostKeys[0] ?? "");
    assert.equal(printed.split(" ")[1], fingerprint(key?.blob ?? Buffer.alloc(0)));
  });
});
