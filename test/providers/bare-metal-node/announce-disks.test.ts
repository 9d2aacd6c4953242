import assert from "node:assert/strict";
import { tellDisks } from "../../../providers/bare-metal-node/announce-disks.js";
import { foreignDisks } from "../../../providers/bare-metal-node/disk/foreign.js";
import { chooseDisks, contentFingerprint } from "../../../providers/bare-metal-node/disk/guard.js";
import type { Disk } from "../../../providers/bare-metal-node/inventory/parse-inventory.js";
import type { DiskWish } from "../../../providers/bare-metal-node/schema.js";

const MARK = "flint-1a2b3c4d";
const disk = (path: string, serial: string, summary: string, partitionLabels: string[] = []): Disk => ({
  ...{ path, serial, size: 6_442_450_944 },
  content: {
    ...{ summary, partitionLabels, partitions: partitionLabels.length },
    ...{ blank: summary === "blank", mounted: false },
  },
});
const SYSTEM = disk("/dev/vda", "DISK-1", "xfs");
const MIRROR = disk("/dev/vdb", "DISK-2", "gpt, ext4 'backup'", ["data"]);
const DATA = disk("/dev/vdc", "DISK-3", "blank");
const WISH: DiskWish = {
  ...{ serial: "DISK-1", layout: "mdraid-uefi", mark: MARK, generation: 1 },
  mirror: { serial: "DISK-2" },
  data: { serial: "DISK-3", encrypted: false },
};
const SEEN = foreignDisks(WISH, [SYSTEM, MIRROR, DATA], new Set());
const [first, second] = [contentFingerprint(SYSTEM), contentFingerprint(MIRROR)];

describe("BareMetalNode: what becomes of disks that hold something foreign, as a preview tells it", () => {
  const told = (change: Partial<DiskWish> = {}, olds: object = { foreignDisks: SEEN }, replaces?: string[]) =>
    tellDisks({
      olds: { ...olds },
      news: { name: "node01", disk: { ...WISH, ...change } },
      result: { changes: true, replaces },
    }).map(({ severity, text }) => `${severity}: ${text}`);
  const kept = (each: string, key: string, fingerprint: string) =>
    `info: node01: ${each} was refused, and is not wiped. To wipe it, set ${key}.release: ${fingerprint} for node01; or declare another disk.`;
  const KEPT = [
    kept("/dev/vda (serial DISK-1, 6.4 GB: xfs)", "disk", first),
    kept("/dev/vdb (serial DISK-2, 6.4 GB: gpt, ext4 'backup')", "disk.mirror", second),
  ];
  const WIPED = [
    `warn: node01: /dev/vda (serial DISK-1, 6.4 GB: xfs) WILL BE WIPED: disk.release: ${first} names what was found on it.`,
    `warn: node01: /dev/vdb (serial DISK-2, 6.4 GB: gpt, ext4 'backup') WILL BE WIPED: disk.mirror.release: ${second} names what was found on it.`,
  ];
  const both = { release: first, mirror: { serial: "DISK-2", release: second } };

  it("without consent: all that are kept, each with the fingerprint that its refusal names", () => {
    assert.deepEqual(told(), KEPT);
    assert.throws(() => chooseDisks("node01", WISH, [SYSTEM, MIRROR, DATA]), {
      message: new RegExp(`: ${first} for `),
    });
    assert.throws(() => chooseDisks("node01", { ...WISH, release: first }, [SYSTEM, MIRROR, DATA]), {
      message: new RegExp(`: ${second} for `),
    });
  });

  it("with consent for all: that they will be wiped, and so the guard lets them be", () => {
    assert.deepEqual(told(both), WIPED);
    assert.doesNotThrow(() => chooseDisks("node01", { ...WISH, ...both }, [SYSTEM, MIRROR, DATA]));
  });

  it("with consent for one of two: it waits for the other", () => {
    assert.deepEqual(told({ release: first }), [
      "info: node01: /dev/vda (serial DISK-1, 6.4 GB: xfs) is released, and is not wiped before all of its disks are.",
      KEPT[1],
    ]);
  });

  it("with another fingerprint, and with one disk's for the other: that it does not match", () => {
    const mirror = { serial: "DISK-2", release: first };
    assert.deepEqual(told({ release: "DISK-1-000000", mirror }), [
      `warn: node01: disk.release: DISK-1-000000 does not name what was found on /dev/vda (serial DISK-1, 6.4 GB: xfs): it is not wiped. To wipe it, set disk.release: ${first} for node01; or declare another disk.`,
      `warn: node01: disk.mirror.release: ${first} does not name what was found on /dev/vdb (serial DISK-2, 6.4 GB: gpt, ext4 'backup'): it is not wiped. To wipe it, set disk.mirror.release: ${second} for node01; or declare another disk.`,
    ]);
  });

  it("nothing of a disk that is not declared any more, of states without any, and of what cannot be read", () => {
    assert.deepEqual(told({ serial: "DISK-9", release: first, mirror: undefined }), []);
    assert.deepEqual(told({}, {}), []);
    assert.deepEqual(told({}, { foreignDisks: [{ key: "disk" }] }), []);
  });

  it("of a machine that is replaced: only what is wiped for certain", () => {
    assert.deepEqual(told({ release: first }, { foreignDisks: SEEN }, ["disk"]), [WIPED[0]]);
    assert.deepEqual(told({}, { foreignDisks: SEEN }, ["disk"]), []);
  });

  it("blank disks, this installation's and its earlier ones' take no consent; nor is one told that is in doubt", () => {
    const ours = disk("/dev/vda", "DISK-1", "gpt, vfat, ext4", [`${MARK}-esp`, `${MARK}-root`]);
    const earlier = disk("/dev/vdb", "DISK-2", "gpt, vfat, ext4", ["flint-99999999-root"]);
    assert.equal(foreignDisks(WISH, [ours, earlier, DATA], new Set(["flint-99999999"])), undefined);
    assert.deepEqual(foreignDisks(WISH, [SYSTEM, SYSTEM], new Set()), undefined);
  });
});
