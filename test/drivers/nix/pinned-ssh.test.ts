import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pinnedSsh } from "../../../drivers/nix/pinned-ssh.js";
import type { SshTarget } from "../../../drivers/ssh/target.js";
import { FakePrograms } from "./fake-program.js";

const target: SshTarget = {
  name: "node01's installer",
  host: "10.0.100.50",
  privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nlogin",
  hostKeys: ["ssh-ed25519 AAAAC3Nza installer of node01"],
};
const jump: SshTarget = { ...target, name: "jump", host: "10.0.100.1", port: 2222, user: "op", privateKey: "other\n" };
const mode = (file: string) => (lstatSync(file).mode & 0o777).toString(8);

describe("nix driver: ssh for tools that start it by themselves", () => {
  it("our options come before the tool's own, so that ours hold", async () => {
    using programs = new FakePrograms({ ssh: 'printf "%s\\n" "$@"; command -v ssh' });
    const ssh = await pinnedSsh(target);
    try {
      const said = execFileSync(
        "ssh",
        ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "root@x"],
        {
          env: { ...process.env, ...ssh.env },
          encoding: "utf8",
        },
      );
      assert.deepEqual(said.trimEnd().split("\n"), [
        "-F",
        path.join(ssh.dir, "config"),
        "-o",
        "StrictHostKeyChecking=yes",
        "-o",
        `UserKnownHostsFile=${path.join(ssh.dir, "known_hosts")}`,
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
        "root@x",
        // The program that was called next does not find ours first again.
        programs.at("bin/ssh"),
      ]);
    } finally {
      await ssh.dispose();
    }
  });

  it("the real ssh takes exactly one host key, this login, this port and no question", async () => {
    const ssh = await pinnedSsh({ ...target, port: 2022 });
    try {
      const tool = ["-o", "UserKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=no", "-G", "root@10.0.100.50"];
      const said = execFileSync("ssh", tool, { env: { ...process.env, ...ssh.env }, encoding: "utf8" });
      const value = (name: string) => new RegExp(`^${name} (.*)$`, "m").exec(said)?.[1];
      assert.deepEqual(
        [
          "stricthostkeychecking",
          "userknownhostsfile",
          "globalknownhostsfile",
          "identitiesonly",
          "batchmode",
          "port",
        ].map(value),
        ["true", path.join(ssh.dir, "known_hosts"), "/dev/null", "yes", "yes", "2022"],
      );
      assert.equal(value("identityfile"), ssh.keyFile);
      assert.equal(
        readFileSync(path.join(ssh.dir, "known_hosts"), "utf8"),
        "[10.0.100.50]:2022 ssh-ed25519 AAAAC3Nza\n",
      );
    } finally {
      await ssh.dispose();
    }
  });

  it("a jump host has its own key, user, port and pinned host key", async () => {
    const ssh = await pinnedSsh({ ...target, jump });
    try {
      const options = (host: string) =>
        execFileSync("ssh", ["-G", host], { env: { ...process.env, ...ssh.env }, encoding: "utf8" });
      assert.match(options("10.0.100.50"), /^proxyjump \[?10\.0\.100\.1\]?$/m);
      const via = options("10.0.100.1");
      assert.match(via, /^user op$/m);
      assert.match(via, /^port 2222$/m);
      assert.match(via, new RegExp(`^identityfile ${ssh.dir}/jump$`, "m"));
      assert.equal(
        readFileSync(path.join(ssh.dir, "known_hosts"), "utf8"),
        "10.0.100.50 ssh-ed25519 AAAAC3Nza\n[10.0.100.1]:2222 ssh-ed25519 AAAAC3Nza\n",
      );
    } finally {
      await ssh.dispose();
    }
  });

  it("its files are private, and gone afterwards", async () => {
    const ssh = await pinnedSsh({ ...target, jump });
    assert.deepEqual([mode(ssh.dir), mode(ssh.keyFile), mode(path.join(ssh.dir, "jump"))], ["700", "600", "600"]);
    assert.deepEqual(readdirSync(ssh.dir).sort(), ["bin", "config", "id", "jump", "known_hosts"]);
    assert.equal(readFileSync(ssh.keyFile, "utf8"), "-----BEGIN OPENSSH PRIVATE KEY-----\nlogin\n");
    await ssh.dispose();
    assert.equal(existsSync(ssh.dir), false);
  });
});
