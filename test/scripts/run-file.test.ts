import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { waitUntil } from "../../foundation/wait.js";
import { findTestFiles } from "../../scripts/testing/files.js";
import { runFile } from "../../scripts/testing/run-file.js";

const repository = resolve(__dirname, "../../..");

describe("scripts/test runs a file", function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), "flint-runner-"));
  before(() => {
    mkdirSync(join(root, "dist/scripts"), { recursive: true });
    symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
    symlinkSync(join(repository, "dist/scripts/testing"), join(root, "dist/scripts/testing"));
  });
  after(() => rmSync(root, { recursive: true }));

  /** Writes a test file and its compiled form (the same: it is plain JavaScript), and runs it. */
  function run(name: string, text: string, limitSeconds = 60, endGraceSeconds = 30) {
    for (const path of [`test/${name}.test.ts`, `dist/test/${name}.test.js`]) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return runFile(root, { source: `test/${name}.test.ts`, limitSeconds }, endGraceSeconds);
  }

  it("and counts what passed, failed and was skipped, with the failure's message", async () => {
    const result = await run(
      "mixed",
      `it("holds", () => {}); it.skip("later", () => {}); it("breaks", () => { throw new Error("node02 is off"); });`,
    );
    assert.equal(result.passed, 1);
    assert.deepEqual(result.skipped, ["later"]);
    assert.deepEqual(
      result.failures.map(({ title, message }) => [title, message.split("\n")[0]]),
      [["breaks", "Error: node02 is off"]],
    );
  });

  it("and ends it at its limit with everything it started; what had passed counts", async () => {
    const child = join(root, "child");
    const result = await run(
      "hangs",
      `const { spawn } = require("node:child_process");
       it("holds", () => {});
       it("hangs", function () {
         this.timeout(0);
         spawn("/bin/sh", ["-c", "while sleep 0.2; do date > ${child}; done"], { stdio: "ignore" });
         return new Promise(() => setInterval(() => {}, 1000));
       });`,
      10,
    );
    assert.equal(result.passed, 1);
    assert.deepEqual(
      result.failures.map(({ title }) => title),
      ["took longer than its 10 s"],
    );
    rmSync(child, { force: true });
    await new Promise((done) => setTimeout(done, 600));
    assert.equal(existsSync(child), false);
  });

  it("and also ends what made itself a process group of its own", async () => {
    const child = join(root, "detached");
    await run(
      "forgets",
      `const { spawn } = require("node:child_process");
       it("forgets", () => {
         spawn("/bin/sh", ["-c", "while sleep 0.2; do date > ${child}; done"], { stdio: "ignore", detached: true }).unref();
         return new Promise((done) => setInterval(() => require("node:fs").existsSync("${child}") && done(), 50).unref());
       });`,
    );
    assert.equal(existsSync(child), true);
    rmSync(child, { force: true });
    await new Promise((done) => setTimeout(done, 600));
    assert.equal(existsSync(child), false);
  });

  it("and takes it down when it is itself told to end, and begins no other", async () => {
    const child = join(root, "grandchild");
    writeFileSync(
      join(root, "runner.js"),
      `const { runFile } = require("${repository}/dist/scripts/testing/run-file.js");
       const run = () => runFile("${root}", { source: "test/ticks.test.ts", limitSeconds: 100 });
       run().then(run);`,
    );
    mkdirSync(join(root, "dist/test"), { recursive: true });
    const text = `it("ticks", function () { this.timeout(0); return new Promise(() =>
      setInterval(() => require("node:fs").writeFileSync("${child}", "tick"), 100)); });`;
    writeFileSync(join(root, "dist/test/ticks.test.js"), text);
    const runner = spawn(process.execPath, [join(root, "runner.js")], { stdio: "ignore" });
    const ended = once(runner, "exit");
    await waitUntil(async () => existsSync(child), { reason: "the test's first tick", deadlineMs: 60_000, remedy: "" });
    runner.kill("SIGTERM");
    assert.deepEqual((await ended)[0], 130);
    rmSync(child, { force: true });
    await new Promise((done) => setTimeout(done, 5_000)); // one that was begun ticks by then
    assert.equal(existsSync(child), false);
  });

  it("and says when a process ends in the middle, with its output", async () => {
    const result = await run("dies", `it("dies", () => { console.error("out of luck"); process.exit(7); });`);
    assert.deepEqual(result.failures, [{ title: "ended in the middle, with exit code 7", message: "out of luck" }]);
  });

  it("and does not take a file without tests for a success", async () => {
    const result = await run("empty", "");
    assert.deepEqual(
      result.failures.map(({ title }) => title),
      ["ran no test"],
    );
  });

  it("and refuses it.only, which would leave the others out unnoticed", async () => {
    const result = await run("only", `it.only("one", () => {}); it("two", () => {});`);
    assert.equal(result.failures.length, 1);
    assert.match(result.failures[0]?.message ?? "", /`.only` is not supported|forbid/);
  });

  it("and tells of a test that leaves something open", async () => {
    const result = await run("open", `it("leaves a timer", () => { setInterval(() => {}, 1000); });`, 30, 2);
    assert.equal(result.passed, 1);
    assert.deepEqual(
      result.failures.map(({ title }) => title),
      ["went on for 2 s after its last test: something is left open"],
    );
  });

  it("finds files by a part of their path, the quick ones first", () => {
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    write("test/order/a-slow.test.ts", "// limit: 600 s\n");
    write("test/order/b-quick.test.ts", "\n");
    write("test/order/not-a-test.ts", "\n");
    assert.deepEqual(findTestFiles(root, ["order/"]), [
      { source: "test/order/b-quick.test.ts", limitSeconds: 240 },
      { source: "test/order/a-slow.test.ts", limitSeconds: 600 },
    ]);
  });
});
