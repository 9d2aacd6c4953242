import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { CHECKOUT } from "../nix-evaluation.js";

const DISKS = [
  'NAME="/dev/sda" PKNAME="" TYPE="disk" RO="0" SIZE="6442450944" SERIAL="S4 EV" WWN="0x5000c500a1b2c3d4" PARTLABEL=""',
  'NAME="/dev/sda1" PKNAME="/dev/sda" TYPE="part" RO="0" SIZE="1" SERIAL="" WWN="0x5000c500a1b2c3d4" PARTLABEL="flint-0000000a-root"',
  'NAME="/dev/nvme0n1" PKNAME="" TYPE="disk" RO="0" SIZE="1000204886016" SERIAL="S4EVNX0R" WWN="eui.0025385b" PARTLABEL=""',
  'NAME="/dev/sdb" PKNAME="" TYPE="disk" RO="1" SIZE="8000000000" SERIAL="LOCKED" WWN="" PARTLABEL=""',
  'NAME="/dev/sdc" PKNAME="" TYPE="disk" RO="0" SIZE="0" SERIAL="" WWN="" PARTLABEL=""',
  'NAME="/dev/loop0" PKNAME="" TYPE="loop" RO="0" SIZE="52428800" SERIAL="" WWN="" PARTLABEL=""',
];
const INVENTORY = [
  "find-disk: nothing was written. Disks of this machine:",
  "  /dev/sda (serial S4 EV, wwn 0x5000c500a1b2c3d4, 6442450944 bytes)",
  "  /dev/nvme0n1 (serial S4EVNX0R, wwn eui.0025385b, 1000204886016 bytes)",
  "  /dev/sdb (serial LOCKED, wwn unknown, 8000000000 bytes, read-only)",
];

describe("find-disk", function () {
  this.timeout(120_000);
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
    return { status, found: stdout.trim(), says: stderr.trimEnd().split("\n") };
  };
  const one = (...criteria: string[]) => find("--disk", "system", ...criteria);
  const refused = (args: string[], ...problems: string[]) =>
    assert.deepEqual(find(...args), { status: 1, found: "", says: [...problems, ...INVENTORY] });

  it("finds a disk by serial, by wwn in either case, by size", () => {
    const found = (...criteria: string[]) => one(...criteria).found;
    assert.deepEqual(one("--serial", "S4EVNX0R"), { status: 0, found: "system /dev/nvme0n1", says: [""] });
    assert.equal(found("--serial", "S4 EV"), "system /dev/sda");
    assert.equal(found("--wwn", "0x5000C500A1B2C3D4"), "system /dev/sda");
    assert.equal(found("--min-size", "7000000000"), "system /dev/nvme0n1");
    assert.equal(found("--max-size", "7000000000"), "system /dev/sda");
  });

  it("finds the disks of several roles, and links to them where it is told", () => {
    const link = join(tools, "links");
    const both = find(
      "--link",
      link,
      "--disk",
      "system",
      "--serial",
      "S4EVNX0R",
      "--disk",
      "data",
      "--serial",
      "S4 EV",
    );
    assert.equal(both.found, "system /dev/nvme0n1\ndata /dev/sda");
    assert.deepEqual(
      ["system", "data"].map((role) => readlinkSync(join(link, role))),
      ["/dev/nvme0n1", "/dev/sda"],
    );
  });

  const gone = ["--serial", "DEAD"];
  const there = ["--serial", "S4EVNX0R"];
  const pair = (system: string[], mirror: string[], ...more: string[]) =>
    find("--degraded", "--disk", "system", ...system, "--disk", "mirror", ...mirror, ...more);

  it("on a system that is installed (--degraded) the disk that is left of a mirrored pair stands for both, and it says so", () => {
    assert.deepEqual(pair(there, gone), {
      status: 0,
      found: "system /dev/nvme0n1\nmirror /dev/nvme0n1",
      says: ["find-disk: mirror: no disk fits serial DEAD: /dev/nvme0n1 stands for both of the pair"],
    });
    assert.equal(pair(gone, there).found, "system /dev/nvme0n1\nmirror /dev/nvme0n1");
  });

  it("on a system that is installed a data disk may be missing", () => {
    assert.deepEqual(find("--degraded", "--disk", "system", ...there, "--disk", "data", ...gone), {
      status: 0,
      found: "system /dev/nvme0n1",
      says: ["find-disk: data: no disk fits serial DEAD"],
    });
  });

  it("on a system that is installed, without any disk of the pair, it is refused; and so is a guess", () => {
    assert.equal(pair(gone, gone).status, 1);
    assert.deepEqual(
      pair(there, ["--min-size", "1"]).says[0],
      "find-disk: mirror: 2 disks fit at least 1 bytes: /dev/sda, /dev/nvme0n1",
    );
  });

  it("refuses when no disk fits, when more than one fits, when two roles fit the same: all said at once, no link made", () => {
    const link = join(tools, "none");
    refused(
      ["--link", link].concat(
        ["--disk", "system", "--serial", "S4EV"],
        ["--disk", "mirror", "--min-size", "1"],
        ["--disk", "data", "--wwn", "eui.0025385b"],
        ["--disk", "more", "--serial", "S4EVNX0R", "--max-size", "2000000000000"],
      ),
      "find-disk: system: no disk fits serial S4EV",
      "find-disk: mirror: 2 disks fit at least 1 bytes: /dev/sda, /dev/nvme0n1",
      "find-disk: data and more are the same disk, /dev/nvme0n1",
    );
    assert.equal(existsSync(link), false);
  });

  it("never takes a disk that is read-only or empty, nor a loop device", () => {
    refused(["--disk", "system", "--serial", "LOCKED"], "find-disk: system: no disk fits serial LOCKED");
    refused(["--disk", "system", "--max-size", "100000000"], "find-disk: system: no disk fits at most 100000000 bytes");
  });

  it("refuses while an undeclared disk carries this installation's mark: its partitions have the same names", () => {
    refused(
      ["--mark", "flint-0000000a", "--disk", "system", "--serial", "S4EVNX0R"],
      "find-disk: /dev/sda is none of the declared disks, but has the partition flint-0000000a-root of this " +
        "installation: wipe or unplug it",
    );
    assert.equal(find("--mark", "flint-0000000a", "--disk", "system", "--serial", "S4 EV").found, "system /dev/sda");
    assert.equal(find("--mark", "flint-0000000b", "--disk", "system", "--serial", "S4EVNX0R").status, 0);
  });

  it("finds any one disk of any machine by its serial, and by no other", () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:+/ -]{0,18}[A-Za-z0-9]$/), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.nat(),
        (serials, pick) => {
          const lines = serials.map(
            (serial, i) =>
              `NAME="/dev/d${i}" PKNAME="" TYPE="disk" RO="0" SIZE="1000" SERIAL="${serial}" WWN="" PARTLABEL=""`,
          );
          writeFileSync(join(tools, "lsblk"), `#!/bin/sh\ncat <<'T'\n${lines.join("\n")}\nT\n`, { mode: 0o755 });
          const chosen = pick % serials.length;
          assert.equal(one("--serial", serials[chosen] ?? "").found, `system /dev/d${chosen}`);
          assert.equal(one("--serial", `${serials[chosen]}x1234567890123456789`).status, 1);
        },
      ),
      { numRuns: 25 },
    ));

  it("wants to be told which disk", () => {
    const usage = (says: string) => ({ status: 2, found: "", says: [says] });
    assert.deepEqual(find(), usage("find-disk: say which disk: --disk ROLE and a serial, a wwn or a size"));
    assert.deepEqual(one(), usage("find-disk: system: say which disk: a serial, a wwn or a size"));
    assert.deepEqual(find("--serial", "S4EVNX0R"), usage("find-disk: --serial before --disk ROLE"));
    assert.deepEqual(one("--serial"), usage("find-disk: --serial needs a value"));
  });
});
