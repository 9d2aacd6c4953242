import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { AWAIT_DISK_SCRIPT, stillLaidOut } from "../../../providers/bare-metal-node/wipe-place.js";

describe("BareMetalNode: a wipe in the installer", () => {
  let directory: string;
  const lock = () => path.join(directory, "disks.lock");

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "flint-wipe-place-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Exit code of the script, which waits for so many seconds. */
  const awaited = (seconds: number) => {
    const script = AWAIT_DISK_SCRIPT.replaceAll("/run/flint", directory);
    return spawnSync("sh", ["-s", "--", String(seconds)], { input: script }).status;
  };

  it("waits for the disk script of an installation that was cut off, which goes on by itself", async () => {
    const other = spawn("flock", [lock(), "sh", "-c", "echo held; read -r end"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      await once(other.stdout, "data");
      assert.equal(awaited(0), 75);
      other.stdin.end("end\n");
      assert.equal(awaited(60), 0);
    } finally {
      other.kill();
    }
  });

  it("waits for nothing where no disk script has run", () => {
    assert.equal(awaited(0), 0);
  });

  it("one that does not come to an end is named, with what to do", () => {
    assert.equal(
      stillLaidOut("node04").message,
      "node04, its disks: expected the disk script of the installation that was cut off to end within 5 min but found that it runs " +
        "still in the installer. See the machine's console for what it waits for, and run the same command again; or, where its " +
        "disks are of no interest, set onDelete: power-off. Nothing was wiped. [WIPE_FAILED]",
    );
  });
});
