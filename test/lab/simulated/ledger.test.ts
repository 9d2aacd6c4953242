import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Clock } from "../../../lab/simulated/clock.js";
import { Ledger } from "../../../lab/simulated/ledger.js";
import { Disk } from "../../../lab/simulated/machine/disk.js";
import { eraseDisk, finishInstallation, formatDisk, judgeWipe } from "../../../lab/simulated/machine/format.js";
import { readCommand } from "../../../lab/simulated/ssh/command.js";
import { NOT_FOUND, runCommand } from "../../../lab/simulated/ssh/shell.js";

const MARK = "flint-1a2b3c4d";
const OTHER_MARK = "flint-99999999";
const SYSTEM = "/nix/store/abc-nixos-system-node01";

describe("the ledger of a simulated rack, of what is done to disks", () => {
  const directory = mkdtempSync(join(tmpdir(), "flint-ledger-"));
  const file = join(directory, "events.jsonl");
  let ledger: Ledger;
  let disk: Disk;
  let members: string[];
  beforeEach(() => {
    ledger = new Ledger(new Clock(1), file);
    members = [];
    disk = newDisk();
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const newDisk = (foreign?: string) => new Disk({ path: "/dev/vda", serial: "DISK-1", size: 100_000, foreign });
  const machine = () => ({
    name: "node01",
    around: { ledger, thatCountOn: () => members },
    tell: (event: string, details: Readonly<Record<string, unknown>>) =>
      ledger.add({ event, machine: "node01", ...details }),
  });
  const format = (mark = MARK) => formatDisk(machine(), disk, mark);
  const install = (anew = true) => finishInstallation(machine(), disk, SYSTEM, MARK, anew);
  const wipe = () => {
    judgeWipe(machine(), disk);
    eraseDisk(machine(), disk);
  };
  const violations = () => ledger.violations;

  it("counts a format and an installation, which are no violations", () => {
    format();
    install();
    assert.deepEqual(violations(), []);
    assert.deepEqual(ledger.of("node01").wipes, { "DISK-1": 1 });
    assert.deepEqual(ledger.of("node01").installs, { [MARK]: 1 });
  });

  it("knows foreign data that is formatted, or wiped, unless it was given up", () => {
    disk = newDisk("xfs");
    format();
    assert.deepEqual(violations(), ["node01: disk DISK-1 held foreign data and was formatted"]);
    disk = newDisk("xfs");
    wipe();
    assert.deepEqual(
      violations().slice(1),
      ["node01: disk DISK-1 held foreign data and was wiped"],
      "once for one wipe",
    );
    for (const lose of [format, wipe]) {
      disk = newDisk("xfs");
      disk.release();
      lose();
    }
    assert.equal(violations().length, 2);
  });

  it("knows a whole system that is formatted again, unless its machine was taken out or another installation is declared", () => {
    format();
    install();
    format();
    assert.deepEqual(violations(), [`node01: disk DISK-1 held the whole system of ${MARK} and was formatted again`]);
    install();
    format(OTHER_MARK);
    disk.letGo = true;
    format(OTHER_MARK);
    assert.equal(violations().length, 1);
  });

  it("knows a disk that is formatted twice for one installation, unless that was cut off", () => {
    format();
    format();
    assert.deepEqual(violations(), [`node01: disk DISK-1 was laid out for ${MARK} and was formatted again`]);
    disk.cutOff = true;
    format();
    assert.equal(violations().length, 1);
  });

  it("knows a second installation of a whole system, unless it brings other files or mends one that was cut off", () => {
    format();
    install(true);
    install(true);
    disk.cutOff = true;
    install(false);
    assert.deepEqual(violations(), []);
    disk.cutOff = false;
    install(false);
    assert.deepEqual(violations(), [`node01: disk DISK-1 had all of ${MARK} and was installed again`]);
  });

  it("knows a disk that is formatted, or wiped, while its machine is still a member", () => {
    format();
    members = ["chainfire", "flaredb"];
    format(OTHER_MARK);
    wipe();
    assert.deepEqual(
      violations(),
      ["formatted", "wiped"].flatMap((what) =>
        members.map((service) => `node01: disk DISK-1 was ${what} while it was a member of ${service}`),
      ),
    );
  });

  it("knows a blank disk that is wiped", () => {
    wipe();
    assert.deepEqual(violations(), ["node01: disk DISK-1 was blank and was wiped again"]);
  });

  it("writes a violation among the events, where it happened", () => {
    disk = newDisk("xfs");
    format();
    const events = readFileSync(file, "utf8").trim().split("\n");
    assert.deepEqual(
      events.map((line) => (JSON.parse(line) as { event: string }).event),
      ["violation", "format"],
    );
  });

  it("is told of a command that no machine knows", async () => {
    const call = { ...readCommand("curl http://elsewhere", Buffer.alloc(0)), signal: new AbortController().signal };
    const answer = await runCommand({ scripts: [], programs: {} }, undefined, { ...call, print: () => {} });
    assert.deepEqual(answer, {
      code: NOT_FOUND,
      stderr: "the simulated system does not know this command: curl http://elsewhere\n",
    });
  });
});
