import assert from "node:assert/strict";
import { closeSync, openSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { contentFingerprint } from "../../../../providers/bare-metal-node/disk/guard.js";
import { LoopDisk, noLoopDevices } from "./loop-disk.js";

const MIB = 1024 * 1024;

/** Writes bytes into a device. */
function write(device: string, bytes: Buffer, offset: number): void {
  const file = openSync(device, "r+");
  writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}

/** The label of an LVM physical volume, in the second sector (LVM2 lib/format_text/layout.h). */
function lvmLabel(): Buffer {
  const sector = Buffer.alloc(512);
  sector.write("LABELONE", 0);
  sector.writeBigUInt64LE(1n, 8);
  sector.writeUInt32LE(32, 20);
  sector.write("LVM2 001", 24);
  sector.write("0123456789abcdef0123456789abcdef", 32);
  // LVM's CRC starts with 0xf597a6cf and is not inverted.
  sector.writeUInt32LE(~crc32(sector.subarray(20), ~0xf597a6cf >>> 0) >>> 0, 16);
  return sector;
}

describe("BareMetalNode: the inventory script on real block devices", function () {
  this.timeout(120_000);
  before(function () {
    const reason = noLoopDevices();
    if (reason === undefined) return;
    console.warn(`SKIPPED: ${reason}`);
    this.skip();
  });

  const cases: { title: string; make?: (disk: LoopDisk) => void; summary: string }[] = [
    { title: "an empty disk is blank", summary: "blank" },
    {
      title: "a partition table alone",
      make: (disk) => disk.run("sfdisk", ["--quiet"], 'label: gpt\nsize=8M, name="data"\n'),
      summary: "gpt",
    },
    {
      title: "a DOS partition table",
      make: (disk) => disk.run("sfdisk", ["--quiet"], "label: dos\nsize=8M\n"),
      summary: "dos",
    },
    {
      title: "a file system without a partition table, by its label",
      make: (disk) => disk.run("mkfs.ext4", ["-q", "-F", "-L", "backup"]),
      summary: "ext4 'backup'",
    },
    { title: "swap", make: (disk) => disk.run("mkswap", []), summary: "swap" },
    {
      title: "an LVM physical volume",
      make: (disk) => write(disk.device, lvmLabel(), 512),
      summary: "LVM2_member",
    },
    {
      title: "data that nothing knows, a byte before the end of the first MiB",
      make: (disk) => write(disk.device, Buffer.from("x"), MIB - 1),
      summary: "unknown data",
    },
    {
      title: "a file system whose first MiB was written over, which nothing knows any more",
      make: (disk) => {
        disk.run("mkfs.ext4", ["-q", "-F"]);
        write(disk.device, Buffer.alloc(MIB), 0);
      },
      summary: "unknown data",
    },
    {
      title: "the first partition of a table that was taken away",
      make: (disk) => write(disk.device, Buffer.from("x"), 2 * MIB),
      summary: "unknown data",
    },
    {
      title: "a partition table of which only the copy at the end is left",
      make: (disk) => {
        disk.run("sfdisk", ["--quiet"], 'label: gpt\nsize=8M, name="data"\n');
        write(disk.device, Buffer.alloc(MIB), 0);
      },
      summary: "gpt",
    },
    {
      title: "the last byte of the disk",
      make: (disk) => write(disk.device, Buffer.from("x"), 32 * MIB - 1),
      summary: "unknown data",
    },
  ];
  for (const { title, make, summary } of cases) {
    it(`${title}: "${summary}"`, () => {
      using disk = new LoopDisk();
      make?.(disk);
      const { content, size } = disk.inventory();
      assert.equal(size, 32 * MIB);
      assert.deepEqual([content.summary, content.blank], [summary, summary === "blank"]);
      // What a person is told in the installer is what the provider decides by.
      const { partitions, mounted } = { partitions: content.partitionLabels, mounted: content.mounted };
      assert.partialDeepStrictEqual(disk.identity(), {
        size,
        content: summary,
        blank: content.blank,
        partitions,
        mounted,
      });
    });
  }

  it("a disk of a volume group names that, and its physical volumes; one that was taken out of it does not", () => {
    using disk = new LoopDisk();
    write(disk.device, lvmLabel(), 512);
    const text =
      'data {\nid = "Ja1pye-JF8l-clOK-p7sf-Prb4-L8Pk-QOcnzc"\nseqno = 1\n\nphysical_volumes {\n\npv0 {\nid = "VIC2EL-eyTT-q4d9-cuVh-HYWW-sVQB-hvd8TY"\n';
    write(disk.device, Buffer.from(text), 4608);
    assert.deepEqual(disk.inventory().volumes, [
      "0123456789abcdef0123456789abcdef",
      "Ja1pyeJF8lclOKp7sfPrb4L8PkQOcnzc",
      "VIC2ELeyTTq4d9cuVhHYWWsVQBhvd8TY",
    ]);
    write(disk.device, Buffer.alloc(512), 512);
    assert.equal(disk.inventory().volumes, undefined);
  });

  it("a disk that wipefs cannot look through to its end is not blank", () => {
    using disk = new LoopDisk();
    const { content } = disk.inventory({ wipefs: "exit 1" });
    assert.deepEqual([content.summary, content.blank], ["unreadable", false]);
  });

  describe("the fingerprint that a consent names", () => {
    const table = (disk: LoopDisk) =>
      disk.run("sfdisk", ["--quiet", "--wipe=always"], 'label: gpt\nsize=8M, name="data"\n');
    const contents: [title: string, make: (disk: LoopDisk, turn: number) => void][] = [
      ["a file system", (disk) => disk.run("mkfs.ext4", ["-q", "-F", "-L", "backup"])],
      ["swap", (disk) => disk.run("mkswap", [])],
      ["a partition table", table],
      ["data that nothing knows", (disk, turn) => write(disk.device, Buffer.from(`${turn} of many`), 4096)],
    ];
    for (const [title, make] of contents) {
      it(`is another one for ${title} that was made anew in the same way, and the same as long as it stays`, () => {
        using disk = new LoopDisk();
        make(disk, 1);
        const first = disk.inventory();
        assert.equal(contentFingerprint(disk.inventory()), contentFingerprint(first));
        make(disk, 2);
        const second = disk.inventory();
        assert.equal(second.content.summary, first.content.summary);
        assert.notEqual(contentFingerprint(second), contentFingerprint(first));
      });
    }
  });
});
