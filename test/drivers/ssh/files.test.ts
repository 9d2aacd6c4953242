import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WRITE_FILE, writeFilesCommand } from "../../../drivers/ssh/file-scripts.js";
import { openSsh } from "../../../drivers/ssh/session.js";
import type { SshSession } from "../../../drivers/ssh/target.js";
import { startSshd, type TestSshd } from "./sshd.js";

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

  describe("files", () => {
    it("writes bytes with a mode and reads them back", async () => {
      const path = join(sshd.directory, "new dir/it's a file");
      const content = Buffer.from([0, 255, 10, 13, 39, 128]);
      await ssh.writeFile(path, content, 0o600);
      assert.deepEqual(readFileSync(path), content);
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.equal(statSync(join(sshd.directory, "new dir")).mode & 0o777, 0o755);
      assert.deepEqual(await ssh.readFile(path), content);
    });

    it("replaces a file in one step and leaves nothing behind", async () => {
      const folder = join(sshd.directory, "replace");
      mkdirSync(folder);
      writeFileSync(join(folder, "file"), "old", { mode: 0o600 });
      const inode = statSync(join(folder, "file")).ino;
      await ssh.writeFile(join(folder, "file"), "new");
      assert.equal(readFileSync(join(folder, "file"), "utf8"), "new");
      assert.notEqual(statSync(join(folder, "file")).ino, inode);
      assert.equal(statSync(join(folder, "file")).mode & 0o777, 0o644);
      assert.deepEqual(readdirSync(folder), ["file"]);
    });

    it("keeps the old file when only part of the new one arrives", async () => {
      const folder = join(sshd.directory, "partial");
      mkdirSync(folder);
      writeFileSync(join(folder, "file"), "old");
      await assert.rejects(
        ssh.exec(["sh", "-c", WRITE_FILE, "sh", join(folder, "file"), "600", "10"], { stdin: "new" }),
        {
          message: /exit code 1: received 3 of 10 bytes\./,
        },
      );
      assert.equal(readFileSync(join(folder, "file"), "utf8"), "old");
      assert.deepEqual(readdirSync(folder), ["file"]);
    });

    it("writes an empty file", async () => {
      await ssh.writeFile(join(sshd.directory, "empty"), "");
      assert.equal(readFileSync(join(sshd.directory, "empty"), "utf8"), "");
    });

    it("answers undefined for a file that is not there, and fails for one that cannot be read", async () => {
      assert.equal(await ssh.readFile(join(sshd.directory, "absent")), undefined);
      await assert.rejects(ssh.readFile(sshd.directory), {
        code: "SSH_COMMAND",
        message: /^node01, reading .*: Is a directory\./,
      });
    });

    it("reads several files with one command: bytes, an empty one, one that is not there", async () => {
      const folder = join(sshd.directory, "read");
      mkdirSync(folder);
      const bytes = Buffer.from([0, 255, 10, 13, 39, 128]);
      const long = Buffer.alloc(100_000, "long");
      const contents = { bytes, "an empty one": Buffer.alloc(0), long };
      for (const [name, content] of Object.entries(contents)) writeFileSync(join(folder, name), content);
      const paths = ["bytes", "absent", "an empty one", "long"].map((name) => join(folder, name));
      assert.deepEqual(await ssh.readFiles(paths), [bytes, undefined, Buffer.alloc(0), long]);
      await assert.rejects(ssh.readFiles([join(folder, "bytes"), folder]), {
        message: new RegExp(`reading ${folder}/bytes, ${folder}: .*directory`, "i"),
      });
    });

    it("writes several files with one command, in their order, and removes first what was there instead", async () => {
      const folder = join(sshd.directory, "several");
      mkdirSync(join(folder, "keys/old"), { recursive: true });
      writeFileSync(join(folder, "keys/old/key"), "withdrawn");
      const bytes = Buffer.from([0, 255, 10, 13, 39, 128]);
      const files = [
        { path: join(folder, "record.json"), content: bytes, mode: 0o600 },
        { path: join(folder, "keys/new dir/it's a key"), content: "" },
        { path: join(folder, "script"), content: "a longer text\n".repeat(5_000) },
      ];
      await ssh.writeFiles(files, [join(folder, "keys"), join(folder, "absent")]);
      for (const { path, content, mode = 0o644 } of files) {
        assert.deepEqual(readFileSync(path), Buffer.from(content));
        assert.equal(statSync(path).mode & 0o777, mode);
      }
      assert.equal(statSync(join(folder, "keys/new dir")).mode & 0o777, 0o755);
      assert.deepEqual(readdirSync(folder), ["keys", "record.json", "script"]);
      assert.deepEqual(readdirSync(join(folder, "keys")), ["new dir"]);
    });

    it("leaves those of several alone that have their content already", async () => {
      const folder = join(sshd.directory, "same");
      const files = [
        { path: join(folder, "same"), content: "same" },
        { path: join(folder, "other"), content: "other" },
      ];
      await ssh.writeFiles(files);
      const inodeOf = (name: string) => statSync(join(folder, name)).ino;
      const before = [inodeOf("same"), inodeOf("other")];
      await ssh.writeFiles([...files.slice(0, 1), { path: join(folder, "other"), content: "another" }]);
      assert.equal(inodeOf("same"), before[0]);
      assert.notEqual(inodeOf("other"), before[1]);
      assert.deepEqual(readdirSync(folder), ["other", "same"]);
    });

    it("keeps the old one of several when the connection breaks in it, and has written those before it", async () => {
      const folder = join(sshd.directory, "broken");
      const paths = ["first", "second"].map((name) => join(folder, name));
      await ssh.writeFiles(paths.map((path) => ({ path, content: "old" })));
      const { argv, stdin } = writeFilesCommand(
        paths.map((path) => ({ path, content: "new content" })),
        [],
      );
      await assert.rejects(ssh.exec(argv, { stdin: stdin.slice(0, -3), label: "writing" }), {
        message: /exit code 1: received only a part of .*\/broken\/second\./,
      });
      assert.deepEqual(
        paths.map((path) => readFileSync(path, "utf8")),
        ["new content", "old"],
      );
      assert.deepEqual(readdirSync(folder), ["first", "second"]);
    });

    it("names the file of several that cannot be written", async () => {
      const path = sshd.directory;
      await assert.rejects(ssh.writeFiles([{ path, content: "x" }]), {
        message: new RegExp(`writing ${path}: .*exit code 1: is a directory\\.`),
      });
    });

    it("does not move a file into a directory of its name", async () => {
      await assert.rejects(ssh.writeFile(sshd.directory, "x"), { message: /exit code 1: is a directory\./ });
    });
  });
});
