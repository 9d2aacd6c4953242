import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { scriptInput } from "../../../drivers/ssh/file-scripts.js";
import type { SshSession } from "../../../drivers/ssh/target.js";
import { publishedPath } from "../../../providers/netboot-image/plan.js";
import { FINISH, upload } from "../../../providers/netboot-image/upload.js";
import { hostHere } from "../host-here.js";

const CHUNK = 2 * 1024 * 1024;

describe("the upload of an image", () => {
  const directory = mkdtempSync(join(tmpdir(), "flint-upload-"));
  const local = join(directory, "initrd");
  const content = randomBytes(9 * 1024 * 1024 + 5);
  const sha256 = createHash("sha256").update(content).digest("hex");
  const file = { path: publishedPath("initrd", sha256), size: content.length, sha256 };
  const quiet = () => ({ signal: new AbortController().signal, onProgress: () => {} });
  let web: string;
  before(() => writeFileSync(local, content));
  beforeEach(() => {
    web = mkdtempSync(join(directory, "web-"));
  });
  after(() => rmSync(directory, { recursive: true }));

  it("puts the whole file in its place, tells how far it is, and leaves nothing beside it", async () => {
    const told: number[] = [];
    const options = { ...quiet(), onProgress: (bytes: number) => told.push(bytes) };
    await upload(hostHere(), web, file, local, options);
    assert.ok(readFileSync(join(web, file.path)).equals(content));
    assert.deepEqual(readdirSync(dirname(join(web, file.path))), ["initrd"]);
    assert.equal(told.at(-1), file.size);
    assert.equal(told.length, 5);
  });

  it("after a broken connection sends only what is not there", async () => {
    let left = 1;
    const breaking = hostHere(() => {
      if (left-- === 0) throw new Error("connection lost");
    });
    await assert.rejects(upload(breaking, web, file, local, quiet()), /connection lost/);
    assert.ok(!existsSync(join(web, file.path)));
    const sent: string[] = [];
    await upload(
      hostHere((path) => sent.push(path)),
      web,
      file,
      local,
      quiet(),
    );
    assert.ok(sent.length >= 1 && sent.length < 5, `${sent.length} chunks sent again`);
    assert.ok(readFileSync(join(web, file.path)).equals(content));
  });

  it("waits for the host when a run was killed that had just told it to join the chunks, and has nothing left to send", async () => {
    const target = join(web, file.path);
    const chunks = `${target}.${sha256.slice(16, 32)}`;
    mkdirSync(chunks, { recursive: true });
    for (let at = 0; at < content.length; at += CHUNK)
      writeFileSync(join(chunks, String(at / CHUNK).padStart(6, "0")), content.subarray(at, at + CHUNK));
    const tools = mkdtempSync(join(directory, "tools-"));
    const waits = `#!/bin/sh\ntouch ${tools}/begun\nuntil [ -e ${tools}/go ]; do sleep 0.05; done\nexec /bin/cat "$@"\n`;
    writeFileSync(join(tools, "cat"), waits, { mode: 0o755 });
    const env = { ...process.env, PATH: `${tools}:${process.env.PATH}` };
    const killedRuns = spawn("sh", ["-s", "--", chunks, target, sha256], { env, stdio: ["pipe", "ignore", "ignore"] });
    killedRuns.stdin.end(scriptInput(FINISH));
    const ended = once(killedRuns, "close");
    while (!existsSync(join(tools, "begun"))) await sleep(20);
    const sent: string[] = [];
    const host = hostHere((path) => sent.push(path));
    let isFirst = true;
    const next = {
      ...host,
      async script(...words: Parameters<SshSession["script"]>) {
        const answer = host.script(...words);
        if (!isFirst) return answer;
        isFirst = false;
        await Promise.race([answer, sleep(300)]);
        writeFileSync(join(tools, "go"), "");
        await ended;
        return answer;
      },
    };
    const told: number[] = [];
    await upload(next, web, file, local, { ...quiet(), onProgress: (bytes) => told.push(bytes) });
    assert.ok(readFileSync(target).equals(content));
    assert.deepEqual([sent, told, readdirSync(dirname(target))], [[], [file.size], ["initrd"]]);
  });

  it("a file that arrives with another content is not published", async () => {
    const wrong = { ...file, sha256: sha256.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) };
    await assert.rejects(upload(hostHere(), web, { ...wrong, path: file.path }, local, quiet()), {
      message:
        `provisioning host, ${file.path}: expected SHA-256 ${wrong.sha256} after the upload but found ${sha256}. ` +
        "The file was removed there. Check the host's disk and memory, then run `pulumi up` again. [IMAGE_UPLOAD]",
    });
    assert.deepEqual(readdirSync(dirname(join(web, file.path))), []);
  });
});
