import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { exportedState } from "./doctor/exported-state.js";

const main = resolve(__dirname, "../../cli/main.js");

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

describe("the command flint", function () {
  this.timeout(120_000);
  let bin: string;
  before(() => {
    bin = mkdtempSync(join(tmpdir(), "flint-bin-"));
  });
  after(() => rmSync(bin, { recursive: true }));

  const run = (args: string[], path = `${bin}:${process.env.PATH}`): Promise<Ended> =>
    new Promise((done) => {
      execFile(process.execPath, [main, ...args], { env: { PATH: path } }, (error, stdout, stderr) => {
        done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  /** What the Pulumi CLI does when it is asked for the state. */
  const pulumi = (script: string) => {
    writeFileSync(join(bin, "pulumi"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, "pulumi"), 0o755);
  };

  it("says how it is called", async () => {
    const { code, stdout } = await run(["--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: flint doctor <node> \[--stack NAME\]/);
    assert.ok(stdout.split("\n").every((line) => line.length <= 80));
  });

  for (const [title, words] of [
    ["without words", []],
    ["with another command", ["nurse", "node01"]],
    ["without a node", ["doctor"]],
    ["with two nodes", ["doctor", "node01", "node02"]],
  ] as const)
    it(`${title}, it says so on standard error and ends with 2`, async () => {
      const { code, stdout, stderr } = await run([...words]);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, /^Usage: /);
    });

  it("names an option that it does not have, and ends with 2", async () => {
    const { code, stderr } = await run(["doctor", "node01", "--colour"]);
    assert.equal(code, 2);
    assert.match(stderr, /^Unknown option '--colour'.*\n\nUsage: /s);
  });

  it("passes on what Pulumi says of a stack that cannot be read, and ends with 2", async () => {
    pulumi("echo \"error: no stack named 'prod' found\" >&2; exit 255");
    assert.deepEqual(await run(["doctor", "node01", "--stack", "prod"]), {
      code: 2,
      stdout: "",
      stderr:
        "stack prod: expected `pulumi stack export` to tell its state but found error: no stack named 'prod' found. Run it where `pulumi stack` works: in the project's directory, with the passphrase set; name a stack with --stack. [STACK_UNREADABLE]\n",
    });
  });

  it("says when there is no Pulumi at all", async () => {
    const { code, stderr } = await run(["doctor", "node01"], "/nowhere");
    assert.equal(code, 2);
    assert.match(stderr, /^the selected stack: expected .* but found no pulumi on PATH\. .* \[STACK_UNREADABLE\]\n$/);
  });

  it("names the machines of the stack for one that it does not have, and ends with 2", async () => {
    writeFileSync(join(bin, "state.json"), exportedState([]));
    pulumi(`exec cat "${join(bin, "state.json")}"`);
    const { code, stderr } = await run(["doctor", "node09"]);
    assert.equal(code, 2);
    assert.equal(
      stderr,
      "node09: expected a machine of the selected stack but found a stack without machines. A machine is known from the first `pulumi up` on that declares it. [NODE_UNKNOWN]\n",
    );
  });
});
