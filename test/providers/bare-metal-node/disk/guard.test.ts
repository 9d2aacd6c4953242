import assert from "node:assert/strict";
import fc from "fast-check";
import { isFlintError } from "../../../../foundation/errors.js";
import { foreignDisks } from "../../../../providers/bare-metal-node/disk/foreign.js";
import {
  chooseDisk,
  chooseDisks,
  contentFingerprint,
  describeDisk,
  isOurs,
} from "../../../../providers/bare-metal-node/disk/guard.js";
import type { Disk, DiskContent } from "../../../../providers/bare-metal-node/inventory/parse-inventory.js";
import type { DiskWish } from "../../../../providers/bare-metal-node/schema.js";

const MARK = "flint-1a2b3c4d";
const GB = 1_000_000_000;
const BLANK: DiskContent = { blank: true, partitionLabels: [], partitions: 0, summary: "blank", mounted: false };
const content = (differences: Partial<DiskContent>): DiskContent => ({ ...BLANK, blank: false, ...differences });
const OURS = content({ partitionLabels: [`${MARK}-esp`, `${MARK}-root`], partitions: 2, summary: "gpt, vfat, ext4" });
const BACKUP = content({ partitionLabels: ["data"], partitions: 1, summary: "gpt, ext4 'backup'" });

const disk = (differences: Partial<Disk> = {}): Disk => ({
  path: "/dev/vda",
  serial: "DISK-dev-01",
  size: 6_442_450_944,
  content: BLANK,
  ...differences,
});
const wish = (differences: Partial<DiskWish> = {}): DiskWish => ({
  serial: "DISK-dev-01",
  layout: "single-uefi",
  mark: MARK,
  generation: 1,
  ...differences,
});
const chosen = (differences: Partial<DiskWish>, disks: Disk[]) => chooseDisk("node01", wish(differences), disks);

describe("BareMetalNode: which disk may be formatted", () => {
  it("the declared one, when it is blank", () => {
    const mine = disk({ path: "/dev/vdb" });
    assert.equal(chosen({}, [disk({ serial: "OTHER" }), mine]), mine);
  });

  it("the declared one, when every partition carries this installation's mark: an install that was cut short", () => {
    const mine = disk({ content: { ...OURS, mounted: true } });
    assert.equal(chosen({}, [mine]), mine);
  });

  it("the declared one with an earlier generation of the same machine: to raise it is to consent", () => {
    const mine = disk({ content: OURS });
    const earlier = new Set([MARK]);
    assert.equal(chooseDisk("node01", { ...wish({ mark: "flint-99999999" }), earlier }, [mine]), mine);
    const mixed = disk({ content: { ...OURS, partitionLabels: [`${MARK}-esp`, "flint-99999999-root"] } });
    assert.throws(() => chooseDisk("node01", { ...wish({ mark: "flint-99999999" }), earlier }, [mixed]), {
      code: "DISK_NOT_OURS",
    });
  });

  it("by WWN, whatever its case, and by size", () => {
    const mine = disk({ wwn: "0x5000C500A1B2C3D4", serial: undefined });
    assert.equal(chosen({ serial: undefined, wwn: "0x5000c500a1b2c3d4" }, [disk(), mine]), mine);
    const large = disk({ path: "/dev/vdb", size: 2000 * GB });
    assert.equal(chosen({ serial: undefined, minSize: 1000 * GB }, [disk(), large]), large);
    assert.equal(chosen({ serial: undefined, maxSize: 1000 * GB }, [disk(), large]).path, "/dev/vda");
  });

  it("one with foreign content, only when it was released by the fingerprint that the refusal named", () => {
    const foreign = disk({ content: BACKUP });
    assert.throws(() => chosen({ release: "DISK-dev-01" }, [foreign]), { code: "DISK_NOT_OURS" });
    assert.throws(() => chosen({ release: "yes" }, [foreign]), { code: "DISK_NOT_OURS" });
    assert.equal(chosen({ release: contentFingerprint(foreign) }, [foreign]), foreign);
  });

  it("a release ends when the content changes", () => {
    const release = contentFingerprint(disk({ content: BACKUP }));
    const later = disk({ content: { ...BACKUP, summary: "gpt, ext4 'photos'" } });
    assert.throws(() => chosen({ release }, [later]), { code: "DISK_NOT_OURS" });
  });

  it("a release ends when the same kind of content was made anew, and stays what it was where nothing tells them apart", () => {
    const made = (uuid: string) => disk({ content: { ...BACKUP, identifiers: [uuid] } });
    const release = contentFingerprint(made("11111111-2222-3333-4444-555555555555"));
    assert.throws(() => chosen({ release }, [made("11111111-2222-3333-4444-666666666666")]), { code: "DISK_NOT_OURS" });
    assert.equal(contentFingerprint(disk({ content: BACKUP })), "DISK-dev-01-c525bc");
  });

  describe("one that is released and in a volume group", () => {
    const MEMBER = content({ summary: "LVM2_member" });
    const released = (volumes?: string[]) => disk({ content: MEMBER, volumes });
    const release = contentFingerprint(released());
    const other = disk({ path: "/dev/vdb", serial: "PHOTOS", content: MEMBER, volumes: ["group", "pv1", "pv2"] });
    const choose = (differences: Partial<DiskWish>, ...disks: Disk[]) =>
      chooseDisks("node01", wish({ release, ...differences }), disks);

    it("is refused while a disk that is not declared is in the same one: to remove the group would take that one's data", () => {
      assert.throws(() => choose({}, released(["group", "pv1", "pv2"]), other), {
        message:
          "node01, disk DISK-dev-01: expected nothing on it that another disk has a part in but found " +
          "/dev/vda (serial DISK-dev-01, 6.4 GB: LVM2_member) in one with /dev/vdb (serial PHOTOS, 6.4 GB: LVM2_member), which is not declared. " +
          "Unplug /dev/vdb; or take it out of the volume group (vgreduce, pvremove), or wipe it by hand. Nothing was written. [DISK_SHARED]",
      });
      // Of a group of many disks some keep no text: the others' name its physical volume.
      assert.throws(() => choose({}, released(["pv2"]), other), { code: "DISK_SHARED" });
    });

    it("is taken beside a disk with another group, and with the other one when that is declared and released, too", () => {
      assert.equal(choose({}, released(["another", "pv3"]), other).system.serial, "DISK-dev-01");
      const data = { serial: "PHOTOS", encrypted: false, release: contentFingerprint(other) };
      assert.equal(choose({ data }, released(["group", "pv1", "pv2"]), other).data, other);
    });
  });

  describe("refuses", () => {
    const refuses = (title: string, work: () => unknown, message: string) =>
      it(title, () => assert.throws(work, { name: "FlintError", message }));

    refuses(
      "a machine without disks",
      () => chosen({}, []),
      "node01, disk serial DISK-dev-01: expected one disk with this identity but found no disk at all. " +
        "Correct the node's disk in the stack file, or check the cabling. Nothing was written. [DISK_NOT_FOUND]",
    );
    refuses(
      "when none matches, and tells what is there",
      () =>
        chosen({ minSize: 1000 * GB, wwn: "0x5000", maxSize: 2000 * GB }, [
          disk({ content: BACKUP }),
          disk({ path: "/dev/sdb", serial: undefined, size: 1_800_360_124_416 }),
        ]),
      "node01, disk serial DISK-dev-01, wwn 0x5000, at least 1 TB, at most 2 TB: expected one disk with this identity " +
        "but found /dev/vda (serial DISK-dev-01, 6.4 GB: gpt, ext4 'backup'); /dev/sdb (no serial, 1.8 TB: blank). " +
        "Correct the node's disk in the stack file, or check the cabling. Nothing was written. [DISK_NOT_FOUND]",
    );
    refuses(
      "to choose between two",
      () => chosen({ serial: undefined, minSize: GB }, [disk(), disk({ path: "/dev/vdb", serial: "DISK-dev-02" })]),
      "node01, disk at least 1 GB: expected one disk with this identity but found " +
        "/dev/vda (serial DISK-dev-01, 6.4 GB: blank); /dev/vdb (serial DISK-dev-02, 6.4 GB: blank). " +
        "Name the disk by its serial in the stack file. Nothing was written. [DISK_AMBIGUOUS]",
    );
    refuses(
      "foreign content, and says how to release it",
      () => chosen({}, [disk({ content: { ...BACKUP, mounted: true } })]),
      "node01, disk DISK-dev-01: expected a blank disk, or one formatted by this installation but found " +
        "/dev/vda (serial DISK-dev-01, 6.4 GB: gpt, ext4 'backup'), mounted. " +
        "To wipe it, set disk.release: DISK-dev-01-c525bc for node01; or declare another disk. Nothing was written. [DISK_NOT_OURS]",
    );
    refuses(
      "another installation's disk, also a later one of the same node",
      () => chosen({ mark: "flint-99999999" }, [disk({ content: OURS })]),
      "node01, disk DISK-dev-01: expected a blank disk, or one formatted by this installation but found " +
        "/dev/vda (serial DISK-dev-01, 6.4 GB: gpt, vfat, ext4). " +
        "To wipe it, set disk.release: DISK-dev-01-1c1a60 for node01; or declare another disk. Nothing was written. [DISK_NOT_OURS]",
    );
  });

  it("a disk is ours only if all its partitions are, and there are some", () => {
    assert.equal(isOurs(disk({ content: OURS }), MARK), true);
    assert.equal(isOurs(disk({ content: { ...OURS, partitionLabels: [`${MARK}-esp`, "data"] } }), MARK), false);
    assert.equal(isOurs(disk({ content: { ...OURS, partitionLabels: [`${MARK}0-esp`] } }), MARK), false);
    assert.equal(isOurs(disk({ content: { ...OURS, partitionLabels: [] } }), MARK), false);
  });

  describe("of several disks", () => {
    const second = disk({ path: "/dev/vdb", serial: "DISK-dev-02" });
    const third = disk({ path: "/dev/vdc", serial: "DISK-dev-03", size: GB });
    const both = wish({ mirror: { serial: "DISK-dev-02" }, data: { maxSize: 2 * GB, encrypted: false } });
    const refuses = (title: string, disks: Disk[], message: string, declared = both) =>
      it(title, () => assert.throws(() => chooseDisks("node01", declared, disks), { name: "FlintError", message }));

    it("each role has its own", () => {
      const first = disk();
      assert.deepEqual(chooseDisks("node01", both, [third, second, first]), {
        system: first,
        mirror: second,
        data: third,
      });
      assert.deepEqual(chooseDisks("node01", wish(), [third, second, first]), { system: first });
    });

    refuses(
      "one that is missing stops all",
      [disk(), third],
      "node01, disk serial DISK-dev-02: expected one disk with this identity but found " +
        "/dev/vda (serial DISK-dev-01, 6.4 GB: blank); /dev/vdc (serial DISK-dev-03, 1 GB: blank). " +
        "Correct the node's disk in the stack file, or check the cabling. Nothing was written. [DISK_NOT_FOUND]",
    );
    refuses(
      "foreign content is released by name of its role",
      [disk(), { ...second, content: BACKUP }, third],
      "node01, disk DISK-dev-02: expected a blank disk, or one formatted by this installation but found " +
        "/dev/vdb (serial DISK-dev-02, 6.4 GB: gpt, ext4 'backup'). " +
        "To wipe it, set disk.mirror.release: DISK-dev-02-3f1c3e for node01; or declare another disk. Nothing was written. [DISK_NOT_OURS]",
    );
    refuses(
      "one disk does not serve as two",
      [disk(), second, third],
      "node01, disks mirror and data: expected two disks but found one, /dev/vdb (serial DISK-dev-02, 6.4 GB: blank). " +
        "Name each disk by its serial in the stack file. Nothing was written. [DISK_AMBIGUOUS]",
      wish({ mirror: { serial: "DISK-dev-02" }, data: { serial: "DISK-dev-02", encrypted: false } }),
    );
    refuses(
      "an undeclared disk with this installation's mark: partitions are found by their names",
      [disk(), { ...second, content: { ...OURS, partitionLabels: [`${MARK}-root`, "data"] } }],
      "node01, disk DISK-dev-02: expected no other disk with partitions of this installation, flint-1a2b3c4d but found " +
        "/dev/vdb (serial DISK-dev-02, 6.4 GB: gpt, vfat, ext4). " +
        "It was this node's disk once: wipe it or unplug it, or declare it again. Nothing was written. [DISK_AMBIGUOUS]",
      wish(),
    );
  });

  it("a disk is told with path, serial, size and content", () => {
    const told = (size: number) => describeDisk(disk({ size }));
    assert.equal(told(512), "/dev/vda (serial DISK-dev-01, 512 B: blank)");
    assert.equal(told(960_197_124_096), "/dev/vda (serial DISK-dev-01, 960 GB: blank)");
    assert.equal(told(16_000_900_661_248), "/dev/vda (serial DISK-dev-01, 16.0 TB: blank)");
  });

  it("whatever disks a machine has: the chosen one has the declared identity, and is blank, ours or released", () => {
    const serial = fc.constantFrom("A", "B", "C", undefined);
    const label = fc.constantFrom(`${MARK}-esp`, `${MARK}-root`, "data", "", `${MARK}`, "flint-99999999-root");
    const disks = fc.array(
      fc.record({
        path: fc.constantFrom("/dev/vda", "/dev/vdb", "/dev/nvme0n1"),
        serial,
        wwn: fc.constantFrom("0xA", "0xb", undefined),
        size: fc.constantFrom(1 * GB, 500 * GB, 2000 * GB),
        content: fc.oneof(
          fc.constant(BLANK),
          fc.array(label, { maxLength: 3 }).map((partitionLabels) =>
            content({
              partitionLabels,
              partitions: partitionLabels.length,
              summary: `gpt ${partitionLabels.length}`,
            }),
          ),
        ),
      }),
      { maxLength: 4 },
    );
    const wishes = fc.record({
      serial,
      wwn: fc.constantFrom("0xa", "0xB", undefined),
      minSize: fc.constantFrom(undefined, 100 * GB),
      maxSize: fc.constantFrom(undefined, 1000 * GB),
    });
    const release = fc.constantFrom("none", "first", "last");
    let accepted = 0;
    fc.assert(
      fc.property(disks, wishes, release, (inventory, identity, released) => {
        const named = released === "none" ? undefined : released === "first" ? inventory[0] : inventory.at(-1);
        const declared = wish({ ...identity, release: named === undefined ? undefined : contentFingerprint(named) });
        let one: Disk;
        try {
          one = chooseDisk("node01", declared, inventory);
        } catch (error) {
          assert.ok(isFlintError(error), String(error));
          // The next preview names what the refusal named.
          if (error.code === "DISK_NOT_OURS") {
            const kept = foreignDisks(declared, inventory, new Set())?.[0]?.fingerprint;
            assert.ok(kept !== undefined && error.remedy.includes(`disk.release: ${kept} for node01;`), error.remedy);
          }
          return;
        }
        accepted++;
        const same = (each: Disk) =>
          (declared.serial === undefined || each.serial === declared.serial) &&
          (declared.wwn === undefined || each.wwn?.toLowerCase() === declared.wwn.toLowerCase()) &&
          each.size >= (declared.minSize ?? 0) &&
          each.size <= (declared.maxSize ?? Number.POSITIVE_INFINITY);
        assert.deepEqual(inventory.filter(same), [one]);
        assert.ok(one.content.blank || isOurs(one, MARK) || declared.release === contentFingerprint(one));
      }),
      { numRuns: 5000 },
    );
    assert.ok(accepted > 100, `${accepted} of 5000 inventories led to a disk: the property shows nothing`);
  });
});
