import { z } from "zod";
import { FlintError } from "../../../foundation/errors.js";

/** One disk as seen in the installer. */
export interface Disk {
  /** `/dev/vda`. */
  path: string;
  serial?: string;
  wwn?: string;
  /** Bytes. */
  size: number;
  model?: string;
  /** What is on it. */
  content: DiskContent;
  /**
   * What other disks may have a part in, too: ids of LVM's groups and physical volumes, and names of what lies on it as one device.
   * Absent where there is none.
   */
  volumes?: string[];
}

export interface DiskContent {
  /** No partition table, no signature, and nothing but zeros in the first four MiB and the last one. */
  blank: boolean;
  /**
   * What tells it from another content of the same kind: UUIDs of tables, partitions and file systems, sorted; of data that
   * nothing knows a digest. Absent where there is none.
   */
  identifiers?: string[];
  /** Partition labels (GPT names). */
  partitionLabels: string[];
  /** Number of partitions. */
  partitions: number;
  /** What a person would want to know before wiping: "gpt, ext4 'backup', LVM2_member". */
  summary: string;
  /** True when something on it is mounted. */
  mounted: boolean;
}

export interface Inventory {
  bootId: string;
  installer: boolean;
  node?: string;
  nonce?: string;
  serial?: string;
  uuid?: string;
  product?: string;
  memoryKiB: number;
  firmware: "uefi" | "bios";
  nics: { name: string; mac: string }[];
  disks: Disk[];
}

const text = z.string().nullish();
const deviceSchema = z.object({
  name: z.string(),
  type: z.string(),
  serial: text,
  wwn: text,
  size: z.coerce.number(),
  model: text,
  pttype: text,
  fstype: text,
  label: text,
  partlabel: text,
  mountpoint: text,
});
type Device = z.infer<typeof deviceSchema> & { children?: Device[] | undefined };
const treeSchema: z.ZodType<Device> = deviceSchema.extend({ children: z.lazy(() => z.array(treeSchema)).optional() });
const lsblkSchema = z.object({ blockdevices: z.array(treeSchema) });

/**
 * Reads what `inventoryScript` printed.
 * @throws FlintError `INVENTORY_UNREADABLE` when a section is missing or lsblk's JSON has another shape.
 */
export function parseInventory(output: string): Inventory {
  const sections = new Map<string, string>();
  for (const chunk of output.split(/^=== /m).slice(1)) {
    const end = chunk.indexOf("\n");
    sections.set(chunk.slice(0, end).trim(), chunk.slice(end + 1).trim());
  }
  const need = (name: string): string => {
    const found = sections.get(name);
    if (found === undefined) throw unreadable(`section "${name}"`, "none");
    return found;
  };
  const cmdline = need("cmdline");
  const argument = (name: string) => new RegExp(`(?:^|\\s)${name}=(\\S+)`).exec(cmdline)?.[1];
  const { blockdevices } = parseLsblk(need("disks"));
  return {
    bootId: need("boot-id"),
    installer: /^VARIANT_ID="?installer"?$/m.test(need("os-release")),
    node: argument("flint\\.node"),
    nonce: argument("flint\\.nonce"),
    serial: sections.get("serial") || undefined,
    uuid: sections.get("uuid")?.toLowerCase() || undefined,
    product: sections.get("product") || undefined,
    memoryKiB: Number(need("memory")) || 0,
    firmware: need("firmware") === "uefi" ? "uefi" : "bios",
    nics: need("nics")
      .split("\n")
      .filter((line) => line.includes(" "))
      .map((line) => ({ name: line.split(" ")[0] ?? "", mac: (line.split(" ")[1] ?? "").toLowerCase() })),
    disks: blockdevices
      .filter((device) => device.type === "disk" && device.size > 0)
      .map((device) => toDisk(device, sections)),
  };
}

function parseLsblk(json: string): z.infer<typeof lsblkSchema> {
  try {
    return lsblkSchema.parse(JSON.parse(json));
  } catch (error) {
    throw unreadable("lsblk's JSON", json === "" ? "nothing: lsblk may be missing" : "another shape", error);
  }
}

function unreadable(expected: string, found: string, cause?: unknown): FlintError {
  return new FlintError("INVENTORY_UNREADABLE", {
    subject: "the machine's inventory",
    expected,
    found,
    remedy: "Use an installer image with util-linux (lsblk, wipefs) and coreutils or busybox. Nothing was written.",
    cause,
  });
}

function toDisk(device: Device, sections: Map<string, string>): Disk {
  const all = flatten(device);
  const below = all.slice(1);
  // wipefs --parsable: offset,uuid,label,type. It needs no udev, where lsblk without one knows of no file system.
  const signatures = (sections.get(`signatures ${device.name}`) ?? "")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(","))
    .map((fields) => ({ type: fields.at(-1)?.trim() ?? "", label: fields.slice(2, -1).join(",") }));
  // Only a beginning and an end that were read, and held nothing but zeros, count as empty.
  const head = sections.get(`head ${device.name}`) ?? "";
  const kinds = new Set<string>();
  if (device.pttype) kinds.add(device.pttype);
  for (const { type, label } of signatures) if (type && type !== "PMBR") kinds.add(named(type, label));
  for (const part of all) if (part.fstype) kinds.add(named(part.fstype, part.label));
  if (kinds.size === 0 && head !== "0") kinds.add(/^\d+$/.test(head) ? "unknown data" : "unreadable");
  const mounted = all.some((part) => Boolean(part.mountpoint));
  if (kinds.size === 0 && mounted) kinds.add("unknown data");
  const identifiers = identifiersOf(device.name, sections, kinds.has("unknown data"));
  const volumes = [
    ...(sections.get(`volumes ${device.name}`) ?? "").split("\n").filter((line) => line !== ""),
    // Its partitions are its own. To end an array changes nothing on its other disks; to write to what lies on it does.
    ...(device.children ?? [])
      .flatMap((child) => (child.type === "part" ? (child.children ?? []) : [child]).flatMap(flatten))
      .filter(({ type }) => !type.startsWith("raid"))
      .map(({ name }) => name),
  ];
  return {
    path: device.name,
    serial: device.serial?.trim() || undefined,
    wwn: device.wwn?.trim() || undefined,
    size: device.size,
    model: device.model?.trim() || undefined,
    content: {
      blank: kinds.size === 0 && below.length === 0,
      partitions: below.filter((part) => part.type === "part").length,
      partitionLabels: below.filter((part) => part.type === "part").map((part) => part.partlabel ?? ""),
      summary: kinds.size === 0 ? "blank" : [...kinds].join(", "),
      mounted,
      ...(identifiers.length === 0 ? {} : { identifiers }),
    },
    ...(volumes.length === 0 ? {} : { volumes }),
  };
}

/** wipefs knows file systems on the whole disk; blkid tables and partitions, too. An installer may lack the latter. */
function identifiersOf(device: string, sections: Map<string, string>, unknown: boolean): string[] {
  const lines = (section: string) => (sections.get(`${section} ${device}`) ?? "").split("\n");
  const found = [
    ...lines("signatures").map((line) => (line.startsWith("#") ? "" : (line.split(",")[1] ?? ""))),
    ...lines("identifiers").map((line) => /^[A-Z_]*UUID[A-Z_]*=(.+)$/.exec(line)?.[1] ?? ""),
    // Of a known content it would be another one after each mount.
    ...(unknown ? lines("digest") : []),
  ];
  return [...new Set(found.map((each) => each.trim().toLowerCase()))].filter((each) => each !== "").sort();
}

/** "ext4 'backup'". */
function named(type: string, label: string | null | undefined): string {
  return label ? `${type} '${label}'` : type;
}

function flatten(device: Device): Device[] {
  return [device, ...(device.children ?? []).flatMap(flatten)];
}
