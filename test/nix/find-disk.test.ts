import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKOUT } from "./nix-evaluation.js";

const DISKS = [
  'NAME="/dev/sda" TYPE="disk" RO="0" SIZE="6442450944" SERIAL="S4 EV" WWN="0x5000c500a1b2c3d4"',
  'NAME="/dev/nvme0n1" TYPE="disk" RO="0" SIZE="1000204886016" SERIAL="S4EVNX0R" WWN="eui.0025385b"',
  'NAME="/dev/sdb" TYPE="disk" RO="1" SIZE="8000000000" SERIAL="LOCKED" WWN=""',
  'NAME="/dev/sdc" TYPE="disk" RO="0" SIZE="0" SERIAL="" WWN=""',
  'NAME="/dev/loop0" TYPE="loop" RO="0" SIZE="52428800" SERIAL="" WWN=""',
];

describe("find-disk", () => {
  let tools = "";
  before(() => {
    tools = mkdtempSync(join(tmpdir(), "flint-lsblk-"));
    writeFileSync(join(tools, "lsblk"), `#!/bin/sh\ncat <<'T'\n${DISKS.join("\n")}\nT\n`, { mode: 0o755 });
  });
  after(() => rmSync(tools, { recursive: true, force: true }));

  const find = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync("sh", [join(CHECKOUT, "nix/disko/find-disk.sh"), ...args], {
      env: { ...process.env, PATH: `${tools}:${process.env.PATH}` },
      encoding: "utf8",
    });
    return { status, found: stdout.trim(), says: stderr.split("\n")[0] };
  };

  it("finds a disk by serial, by wwn, by size", () => {
    assert.partialDeepStrictEqual(find("--serial", "S4EVNX0R"), { status: 0, found: "/dev/nvme0n1" });
    assert.partialDeepStrictEqual(find("--serial", "S4 EV"), { status: 0, found: "/dev/sda" });
    assert.partialDeepStrictEqual(find("--wwn", "0x5000c500a1b2c3d4"), { status: 0, found: "/dev/sda" });
    assert.partialDeepStrictEqual(find("--min-size", "7000000000"), { status: 0, found: "/dev/nvme0n1" });
    assert.partialDeepStrictEqual(find("--max-size", "7000000000"), { status: 0, found: "/dev/sda" });
  });

  it("refuses when no disk fits", () =>
    assert.deepEqual(find("--serial", "S4EV"), {
      status: 1,
      found: "",
      says: "find-disk: 0 disks fit serial 'S4EV', wwn 'any', size 0 to any; nothing was written. Disks of this machine:",
    }));

  it("refuses when more than one fits", () =>
    assert.deepEqual(find("--min-size", "1"), {
      status: 1,
      found: "",
      says: "find-disk: 2 disks fit serial 'any', wwn 'any', size 1 to any; nothing was written. Disks of this machine:",
    }));

  it("never takes a disk that is read-only or empty, nor a loop device", () => {
    assert.equal(find("--serial", "LOCKED").status, 1);
    assert.equal(find("--max-size", "100000000").status, 1);
  });

  it("wants to be told which disk", () =>
    assert.deepEqual(find(), { status: 2, found: "", says: "find-disk: say which disk: a serial, a wwn or a size" }));
});
