import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const MODULE = join(__dirname, "../../foundation/end-process.js");

describe("endProcess", () => {
  it("lets the exit listeners run, as those that end its programs, and waits for nothing of its own", async () => {
    const script = `
      const { writeSync } = require("node:fs");
      const { endProcess } = require(${JSON.stringify(MODULE)});
      process.on("exit", (code) => writeSync(1, "listener " + code));
      setInterval(() => {}, 1000);
      endProcess(143);
      writeSync(1, ", and nothing after it");`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "close");
    assert.equal(await text(child.stdout), "listener 143");
    assert.deepEqual(await ended, [null, "SIGKILL"]);
  });

  it("ends a process whose exit listener fails, although that catches what nobody else does", async () => {
    const script = `
      const { endProcess } = require(${JSON.stringify(MODULE)});
      process.on("uncaughtException", () => setTimeout(() => process.exit(3), 500));
      process.on("exit", () => { throw new Error("a listener that fails"); });
      endProcess(143);`;
    const child = spawn(process.execPath, ["-e", script], { stdio: "ignore" });
    assert.deepEqual(await once(child, "close"), [null, "SIGKILL"]);
  });
});
