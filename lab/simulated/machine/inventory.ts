import type { Disk } from "./disk.js";
import type { Machine, Running } from "./machine.js";

/** What a running system knows of the machine it runs on. */
export interface Inventoried {
  bootId: string;
  /** `/proc/cmdline`. */
  commandLine: string;
  installer: boolean;
  serial: string;
  uuid: string;
  memoryGiB: number;
  firmware: "uefi" | "bios";
  nics: readonly { name: string; mac: string }[];
  disks: readonly Disk[];
  /** The root file system is mounted from its disk. */
  mounted: boolean;
}

/** What a system that runs on this machine finds. */
export function inventoryOf(machine: Machine, { kind, bootId, commandLine }: Running): Inventoried {
  const { description, disks, serial, inventory } = machine;
  return {
    bootId,
    commandLine,
    installer: kind === "installer",
    serial,
    uuid: inventory.uuid,
    memoryGiB: inventory.memoryGiB,
    firmware: description.firmware,
    nics: [
      { name: "eth0", mac: description.mac },
      { name: "eth1", mac: description.clusterMac },
    ],
    disks,
    mounted: kind !== "installer",
  };
}

/** Prints what nix/scripts/inventory.sh does. */
export function renderInventory(seen: Inventoried): string {
  const sections: [string, string][] = [
    ["cmdline", seen.commandLine],
    ["boot-id", seen.bootId],
    ["os-release", seen.installer ? 'ID=nixos\nVARIANT_ID="installer"' : "ID=nixos"],
    ["serial", seen.serial],
    ["uuid", seen.uuid],
    ["product", "Simulated"],
    ["memory", String(seen.memoryGiB * 1024 * 1024)],
    ["cpu", "2 Simulated"],
    ["firmware", seen.firmware],
    ["nics", seen.nics.map(({ name, mac }) => `${name} ${mac}`).join("\n")],
    ["disks", JSON.stringify({ blockdevices: seen.disks.map((disk) => blockDevice(disk, seen.mounted)) })],
    ...seen.disks.flatMap((disk): [string, string][] => [
      [`signatures ${disk.path}`, signatures(disk)],
      [`head ${disk.path}`, disk.blank ? "0" : "4096"],
    ]),
  ];
  return sections.map(([name, text]) => `\n=== ${name}\n${text}\n`).join("");
}

/** As `lsblk --json` tells it. */
function blockDevice(disk: Disk, mounted: boolean) {
  const { serial, path } = disk;
  const { size } = disk.description;
  const common = { serial: null, wwn: null, model: null, pttype: null, label: null, partlabel: null, mountpoint: null };
  return {
    ...common,
    name: path,
    type: "disk",
    serial,
    size,
    pttype: disk.partitions.length > 0 ? "gpt" : null,
    fstype: disk.foreign ?? null,
    children: disk.partitions.map(({ label, fstype }, index) => ({
      ...common,
      name: `${path}${index + 1}`,
      type: "part",
      size: Math.floor(size / 2),
      pttype: "gpt",
      fstype,
      partlabel: label,
      mountpoint: mounted && index === 1 ? "/" : null,
    })),
  };
}

/** As `wipefs --parsable` tells it: offset, uuid, label, type. */
function signatures(disk: Disk): string {
  if (disk.foreign !== undefined) return `0x438,${disk.uuid},,${disk.foreign}`;
  return disk.partitions.length > 0 ? "0x200,,,gpt" : "";
}
