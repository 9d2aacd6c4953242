import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { type Disk, parseInventory } from "../../../../providers/bare-metal-node/inventory/parse-inventory.js";
import { inventoryScript } from "../../../../providers/bare-metal-node/inventory/script.js";
import { lsblkDisk, lsblkPart, qemuInstaller } from "./samples.js";

const GPT_SIGNATURES = "# offset,uuid,label,type\n0x200,,,gpt\n0x17ffffe00,,,gpt\n0x1fe,,,PMBR";

const onlyDisk = (output: string): Disk => {
  const [disk, ...others] = parseInventory(output).disks;
  assert.deepEqual(others, []);
  if (disk === undefined) return assert.fail("no disk");
  return disk;
};

describe("BareMetalNode: the inventory of a machine in its installer", () => {
  it("tells who the machine is and how it was started", () => {
    const { disks: _, ...machine } = parseInventory(qemuInstaller([]));
    assert.deepEqual(machine, {
      bootId: "5c1a3c4e-8a3b-4a52-9d3c-0a1b2c3d4e5f",
      installer: true,
      node: "node01",
      nonce: "0123456789abcdef",
      serial: "RACK-dev-01",
      uuid: "7f000000-0000-4000-8000-000000000001",
      product: "Standard PC (Q35 + ICH9, 2009)",
      memoryKiB: 988652,
      firmware: "uefi",
      nics: [
        { name: "enp0s2", mac: "52:54:00:00:00:01" },
        { name: "enp0s3", mac: "52:54:00:00:01:01" },
      ],
    });
  });

  it("a machine without DMI, cards or Flint's kernel parameters leaves those out", () => {
    const bare = { serial: "", uuid: "", product: "", nics: "", cmdline: "console=ttyS0", firmware: "bios" };
    const machine = parseInventory(qemuInstaller([], { ...bare, "os-release": 'ID=debian\nVERSION_ID="12"' }));
    assert.deepEqual(
      [machine.serial, machine.uuid, machine.product, machine.nics, machine.node, machine.nonce],
      [undefined, undefined, undefined, [], undefined, undefined],
    );
    assert.deepEqual([machine.firmware, machine.installer], ["bios", false]);
  });

  it("a parameter that only ends like Flint's is not taken for it", () => {
    const machine = parseInventory(qemuInstaller([], { cmdline: "notflint.node=x flintxnode=y flint.nodes=z" }));
    assert.equal(machine.node, undefined);
  });

  it("an empty disk is blank", () => {
    const disk = onlyDisk(qemuInstaller([lsblkDisk()], { "signatures /dev/vda": "", "head /dev/vda": "0" }));
    assert.deepEqual(disk, {
      path: "/dev/vda",
      serial: "DISK-dev-01",
      wwn: undefined,
      size: 6442450944,
      model: undefined,
      content: { blank: true, partitions: 0, partitionLabels: [], summary: "blank", mounted: false },
    });
  });

  it("partitions, labels and mounts are told", () => {
    const disk = onlyDisk(
      qemuInstaller(
        [
          lsblkDisk({
            pttype: "gpt",
            serial: " S4EVNX0R ",
            wwn: "0x5000c500a1b2c3d4",
            model: "Samsung SSD 860 ",
            children: [
              lsblkPart("/dev/vda1", { fstype: "vfat", partlabel: "flint-1a2b3c4d-esp", label: "ESP" }),
              lsblkPart("/dev/vda2", { fstype: "ext4", partlabel: "flint-1a2b3c4d-root", mountpoint: "/mnt" }),
            ],
          }),
        ],
        { "signatures /dev/vda": GPT_SIGNATURES, "head /dev/vda": "213" },
      ),
    );
    assert.deepEqual(disk, {
      path: "/dev/vda",
      serial: "S4EVNX0R",
      wwn: "0x5000c500a1b2c3d4",
      size: 6442450944,
      model: "Samsung SSD 860",
      content: {
        blank: false,
        partitions: 2,
        partitionLabels: ["flint-1a2b3c4d-esp", "flint-1a2b3c4d-root"],
        summary: "gpt, vfat 'ESP', ext4",
        mounted: true,
      },
    });
  });

  it("volumes below partitions are told; a partition without a name keeps its place", () => {
    const volume = { ...lsblkDisk(), name: "/dev/mapper/vg-data", type: "lvm", fstype: "xfs", label: "photos" };
    const disk = onlyDisk(
      qemuInstaller([
        lsblkDisk({
          pttype: "dos",
          children: [lsblkPart("/dev/vda1", { fstype: "LVM2_member", children: [volume] })],
        }),
      ]),
    );
    assert.equal(disk.content.summary, "dos, LVM2_member, xfs 'photos'");
    assert.deepEqual([disk.content.partitions, disk.content.partitionLabels], [1, [""]]);
  });

  it("what lies on an array of two disks as one device is named by both, the array itself by none", () => {
    const volume = { ...lsblkPart("/dev/mapper/data-photos", { type: "lvm", fstype: "xfs" }) };
    const array = { ...lsblkPart("/dev/md127", { type: "raid1", fstype: "LVM2_member" }), children: [volume] };
    const { disks } = parseInventory(
      qemuInstaller(
        ["/dev/vda", "/dev/vdb"].map((name) => lsblkDisk({ name, fstype: "linux_raid_member", children: [array] })),
      ),
    );
    assert.deepEqual(
      disks.map(({ volumes }) => volumes),
      [["/dev/mapper/data-photos"], ["/dev/mapper/data-photos"]],
    );
  });

  describe("a disk without a known signature is blank only if that is certain:", () => {
    const told = (head: string | undefined, device: object = {}, signatures = "") =>
      onlyDisk(
        qemuInstaller([lsblkDisk(device)], {
          "signatures /dev/vda": signatures,
          ...(head === undefined ? {} : { "head /dev/vda": head }),
        }),
      ).content;

    it("something is at its beginning or its end", () => {
      assert.deepEqual([told("17").blank, told("17").summary], [false, "unknown data"]);
    });
    it("they could not be read", () => {
      assert.deepEqual([told("unreadable").blank, told("unreadable").summary], [false, "unreadable"]);
      assert.deepEqual([told("").blank, told("").summary], [false, "unreadable"]);
      assert.deepEqual([told(undefined).blank, told(undefined).summary], [false, "unreadable"]);
    });
    it("it is mounted", () => {
      const mounted = told("0", { mountpoint: "/" });
      assert.deepEqual([mounted.blank, mounted.summary, mounted.mounted], [false, "unknown data", true]);
    });
    it("it has partitions", () => {
      assert.equal(told("0", { children: [lsblkPart("/dev/vda1", { pttype: null })] }).blank, false);
    });
    it("wipefs knows more than lsblk", () => {
      const content = told("5", {}, "# offset,uuid,label,type\n0x218,abc,,LVM2_member");
      assert.deepEqual([content.blank, content.summary], [false, "LVM2_member"]);
    });
  });

  it("what is no disk, or has no size, is left out", () => {
    const devices = [
      lsblkDisk({ name: "/dev/sr0", type: "rom" }),
      lsblkDisk({ name: "/dev/loop0", type: "loop" }),
      lsblkDisk({ name: "/dev/sdb", size: 0 }),
      lsblkDisk({ name: "/dev/nvme0n1", size: "512110190592" }),
    ];
    const { disks } = parseInventory(qemuInstaller(devices));
    assert.deepEqual(
      disks.map((disk) => [disk.path, disk.size]),
      [["/dev/nvme0n1", 512110190592]],
    );
  });

  it("says what an unsuitable installer lacks", () => {
    const remedy =
      "Use an installer image with util-linux (lsblk, wipefs) and coreutils or busybox. Nothing was written. [INVENTORY_UNREADABLE]";
    const refused = (output: string, message: string) =>
      assert.throws(() => parseInventory(output), { name: "FlintError", message });
    refused("", `the machine's inventory: expected section "cmdline" but found none. ${remedy}`);
    refused(
      qemuInstaller([], { disks: "" }),
      `the machine's inventory: expected lsblk's JSON but found nothing: lsblk may be missing. ${remedy}`,
    );
    refused(
      qemuInstaller([], { disks: '{"blockdevices": [{"name": 1}]}' }),
      `the machine's inventory: expected lsblk's JSON but found another shape. ${remedy}`,
    );
  });

  it("the script, run on this very machine, tells what the kernel tells", () => {
    const inventory = parseInventory(execFileSync("sh", ["-s"], { input: inventoryScript(), encoding: "utf8" }));
    const read = (path: string) => readFileSync(path, "utf8").trim();
    assert.equal(inventory.bootId, read("/proc/sys/kernel/random/boot_id"));
    assert.equal(inventory.memoryKiB, Number(/^MemTotal: *(\d+) kB/.exec(read("/proc/meminfo"))?.[1]));
    assert.equal(inventory.installer, false);
    const disks = readdirSync("/sys/block").filter((name) => !/^(loop|ram|sr|dm-|md)/.test(name));
    const sizes = disks.map((name) => [`/dev/${name}`, 512 * Number(read(`/sys/block/${name}/size`))]);
    assert.deepEqual(
      inventory.disks.map((disk) => [disk.path, disk.size]).sort(),
      sizes.filter(([, size]) => Number(size) > 0).sort(),
    );
    // Whatever this machine runs from is not blank.
    for (const disk of inventory.disks.filter((each) => each.content.mounted)) assert.equal(disk.content.blank, false);
  });
});
