import assert from "node:assert/strict";
import { Disk } from "../../../../lab/simulated/machine/disk.js";
import { type Inventoried, renderInventory } from "../../../../lab/simulated/machine/inventory.js";
import { parseInventory } from "../../../../providers/bare-metal-node/inventory/parse-inventory.js";

const newDisk = (foreign?: string) => new Disk({ path: "/dev/vda", serial: "DISK-1", size: 100_000, foreign });
const machine = (disk: Disk, more: Partial<Inventoried> = {}): Inventoried => ({
  bootId: "boot-1",
  commandLine: "flint.node=node01 flint.nonce=abc",
  installer: true,
  serial: "SIM-1",
  uuid: "00000000-0000-4000-8000-000000000001",
  memoryGiB: 8,
  firmware: "uefi",
  nics: [{ name: "eth0", mac: "52:54:00:00:00:01" }],
  disks: [disk],
  mounted: false,
  ...more,
});
const contentOf = (disk: Disk, more: Partial<Inventoried> = {}) =>
  parseInventory(renderInventory(machine(disk, more))).disks[0]?.content;

describe("A simulated machine's inventory, as Flint reads it", () => {
  it("says what the machine is and who its installer was started for", () => {
    const { disks, ...rest } = parseInventory(renderInventory(machine(newDisk())));
    assert.deepEqual(rest, {
      bootId: "boot-1",
      installer: true,
      node: "node01",
      nonce: "abc",
      serial: "SIM-1",
      uuid: "00000000-0000-4000-8000-000000000001",
      product: "Simulated",
      memoryKiB: 8 * 1024 * 1024,
      firmware: "uefi",
      nics: [{ name: "eth0", mac: "52:54:00:00:00:01" }],
    });
    assert.deepEqual(
      disks.map(({ path, serial, size }) => [path, serial, size]),
      [["/dev/vda", "DISK-1", 100_000]],
    );
  });

  it("tells a blank disk from one with somebody else's data", () => {
    assert.equal(contentOf(newDisk())?.summary, "blank");
    assert.equal(contentOf(newDisk())?.blank, true);
    assert.equal(contentOf(newDisk("ext4"))?.summary, "ext4");
    assert.equal(contentOf(newDisk("ext4"))?.blank, false);
  });

  it("shows the marks of an installation, and that its root is mounted where the system runs", () => {
    const disk = newDisk("ext4");
    disk.format("flint-1a2b3c4d");
    assert.deepEqual(contentOf(disk)?.partitionLabels, ["flint-1a2b3c4d-esp", "flint-1a2b3c4d-root"]);
    assert.equal(contentOf(disk)?.mounted, false);
    assert.equal(contentOf(disk, { installer: false, mounted: true })?.mounted, true);
  });
});
