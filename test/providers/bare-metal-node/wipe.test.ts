import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { WIPE_SCRIPT } from "../../../providers/bare-metal-node/wipe.js";

const MIB = 1024 * 1024;

describe("BareMetalNode: wiping a disk on request", () => {
  let directory: string;
  const at = (name: string) => path.join(directory, name);

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "flint-wipe-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Files stand in for the disk and its partitions; lsblk and blockdev say what they would say of them. */
  function wipe(disk: string, partitions: string[]): void {
    const rows = [`${at(disk)} disk`, ...partitions.map((part) => `${at(part)} part`), `${at("volume")} lvm`];
    program("lsblk", `[ "$6" = "${at(disk)}" ] || exit 1\ncat <<'END'\n${rows.join("\n")}\nEND`);
    program("blockdev", 'echo $(( $(stat -c %s "$2") / 512 ))');
    execFileSync("sh", ["-s", "--", at(disk)], {
      input: WIPE_SCRIPT,
      env: { ...process.env, PATH: `${directory}:${process.env.PATH}` },
    });
  }
  function program(name: string, body: string): void {
    writeFileSync(at(name), `#!/bin/sh\n${body}\n`);
    chmodSync(at(name), 0o755);
  }
  const full = (name: string, mib: number) => writeFileSync(at(name), Buffer.alloc(mib * MIB, 0xff));
  /** Which MiB of the file are nothing but zeros. */
  const zeroed = (name: string) => {
    const content = readFileSync(at(name));
    const zero = Buffer.alloc(MIB);
    return Array.from({ length: content.length / MIB }, (_, i) => i).filter((i) =>
      content.subarray(i * MIB, (i + 1) * MIB).equals(zero),
    );
  };

  it("the start and end of the disk go, where both partition tables are, and the start of each partition", () => {
    full("sda", 8);
    full("sda1", 18);
    full("sda2", 18);
    wipe("sda", ["sda1", "sda2"]);
    assert.deepEqual(zeroed("sda"), [0, 1, 6, 7]);
    for (const part of ["sda1", "sda2"])
      assert.deepEqual(
        zeroed(part),
        Array.from({ length: 16 }, (_, i) => i),
      );
  });

  it("a partition that is shorter than what is written over goes as a whole, and so does all that comes after it", () => {
    full("sda", 8);
    full("sda1", 1); // the BIOS' boot partition
    full("sda2", 18);
    wipe("sda", ["sda1", "sda2"]);
    assert.deepEqual(zeroed("sda1"), [0]);
    assert.equal(readFileSync(at("sda1")).length, MIB);
    assert.equal(zeroed("sda2").length, 16);
    assert.deepEqual(zeroed("sda"), [0, 1, 6, 7]);
  });

  it("a disk that cannot be written is told, with what dd says of it", () => {
    full("sda", 8);
    full("sda1", 17);
    program("dd", "echo \"dd: error writing '$2': Input/output error\" >&2; exit 1");
    assert.throws(() => wipe("sda", ["sda1"]), /Input\/output error/);
  });

  it("a disk whose name only begins alike keeps every byte", () => {
    full("sda", 8);
    full("sda1", 17);
    for (const other of ["sdaa", "sdaa1", "volume"]) full(other, 1);
    wipe("sda", ["sda1"]);
    for (const other of ["sdaa", "sdaa1", "volume"]) assert.deepEqual(zeroed(other), [], other);
  });
});
