import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { clearAbandoned } from "../../../lab/rack/abandoned.js";
import { layoutOf } from "../../../lab/rack/layout.js";
import { inNamespace } from "../../../lab/rack/namespace.js";
import { ownedBy, ownedProcesses } from "../../../lab/rack/owned-processes.js";
import type { RunStep } from "../../../lab/rack/steps.js";

describe("a rack of the same name that another checkout left up", () => {
  const layout = layoutOf(`a${process.pid.toString(36)}`);
  let dir: string;
  let told: string[];
  const step: RunStep = async (title, work) => {
    const [result, value] = await work();
    told.push(`${title}: ${result}`);
    return value;
  };

  before(function () {
    if (process.getuid?.() !== 0) {
      console.log("    SKIPPED: a rack needs root (network namespaces)");
      this.skip();
    }
  });
  beforeEach(async () => {
    told = [];
    dir = mkdtempSync(join(tmpdir(), "flint-abandoned-"));
    await execa("ip", ["netns", "add", layout.namespace]);
    await execa("ip", ["-n", layout.namespace, "link", "set", "lo", "alias", dir]);
    const [command, args] = inNamespace(layout, ["sleep", "60"]);
    spawn(command, args, { stdio: "ignore", env: { ...process.env, ...ownedBy(dir, "machine one") } });
  });
  afterEach(async () => {
    for (const { pid } of ownedProcesses(dir)) process.kill(pid, "SIGKILL");
    if (existsSync(layout.namespaceFile)) await execa("ip", ["netns", "delete", layout.namespace]);
    rmSync(dir, { recursive: true, force: true });
  });

  it("is cleared when its directory is gone: nobody could take it down there", async () => {
    rmSync(dir, { recursive: true });
    await clearAbandoned(layout, step);
    assert.deepEqual(told, [`abandoned rack: of ${dir}, which is gone: cleared`]);
    assert.deepEqual(ownedProcesses(dir), []);
    assert.equal(existsSync(layout.namespaceFile), false);
  });

  it("stays while its directory exists", async () => {
    await clearAbandoned(layout, step);
    assert.deepEqual(told, []);
    assert.equal(ownedProcesses(dir).length, 1);
    assert.equal(existsSync(layout.namespaceFile), true);
  });
});
