import assert from "node:assert/strict";
import type { Disk, DiskContent } from "../../../providers/bare-metal-node/inventory/parse-inventory.js";
import type { StoredNode } from "../../../providers/bare-metal-node/schema.js";
import { disksToWipe } from "../../../providers/bare-metal-node/wipe.js";

const MARK = "flint-1a2b3c4d";
const BLANK: DiskContent = { blank: true, partitionLabels: [], partitions: 0, summary: "blank", mounted: false };
const OURS: DiskContent = {
  ...{ blank: false, partitionLabels: [`${MARK}-esp`, `${MARK}-root`], partitions: 2 },
  ...{ summary: "gpt, vfat, ext4", mounted: true },
};
/** After the table is gone the kernel still has the partitions, and the root stays mounted. */
const REMAINS: DiskContent = { ...OURS, partitionLabels: ["", ""], summary: "unknown data" };
const disk = (content: DiskContent, differences: Partial<Disk> = {}): Disk => ({
  path: "/dev/vda",
  serial: "DISK-4",
  size: 6_442_450_944,
  content,
  ...differences,
});
const node: StoredNode = {
  cluster: "dev",
  name: "node04",
  mac: "52:54:00:00:00:04",
  addresses: { provisioning: "10.0.100.53", cluster: "10.0.200.53" },
  host: { name: "provisioning host", host: "10.0.100.1", privateKey: "", hostKeys: [] },
  pxe: { httpUrl: "http://10.0.100.1", root: "/var/lib/flint/dev" },
  image: "worker",
  bmc: { type: "manual" },
  bmcDefaults: {},
  disk: { serial: "DISK-4", layout: "single-uefi", mark: MARK },
  loginKey: { privateKey: "", publicKey: "" },
  hostKeyPublic: "",
  onDelete: "wipe",
};
const paths = (disks: Disk[], begun: boolean, unfinished = false) =>
  disksToWipe(node, disks, begun, unfinished).map((each) => each.path);

describe("BareMetalNode: which disks are wiped when a machine is let go", () => {
  it("the declared one, with this installation's mark", () => {
    assert.deepEqual(paths([disk(OURS)], false), ["/dev/vda"]);
  });

  it("what is left of it, when its wipe was cut short", () => {
    for (const content of [OURS, REMAINS, BLANK, { ...REMAINS, summary: "gpt" }])
      assert.deepEqual(paths([disk(content)], true), ["/dev/vda"]);
  });

  it("never one that somebody else has used since, also when a wipe was cut short", () => {
    const foreign = [
      { ...REMAINS, summary: "gpt, ext4 'photos'" },
      { ...REMAINS, summary: "crypto_LUKS" },
      { ...REMAINS, partitionLabels: ["data", ""] },
      { ...OURS, partitionLabels: ["flint-99999999-root"] },
    ];
    for (const content of foreign) {
      for (const begun of [false, true]) assert.throws(() => paths([disk(content)], begun), { code: "DISK_NOT_OURS" });
    }
  });

  it("never another disk: its identity is asked for each time", () => {
    assert.throws(() => paths([disk(BLANK, { serial: "DISK-5" })], true), { code: "DISK_NOT_FOUND" });
  });

  it("a blank one is refused where no wipe has begun: what runs there does not run from it", () => {
    assert.throws(() => paths([disk(BLANK)], false), {
      message:
        "node04, disk DISK-4: expected partitions marked flint-1a2b3c4d but found blank. " +
        "Set onDelete: power-off, or wipe the disk by hand. [WIPE_REFUSED]",
    });
  });

  it("in the installer of an installation that was ended: what that has written, and a disk that it has not come to; nothing else", () => {
    for (const content of [OURS, BLANK]) assert.deepEqual(paths([disk(content)], false, true), ["/dev/vda"]);
    for (const content of [REMAINS, { ...OURS, partitionLabels: ["flint-99999999-root"] }])
      assert.throws(() => paths([disk(content)], false, true), { code: "DISK_NOT_OURS" });
  });
});
