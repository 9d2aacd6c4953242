import { createHash } from "node:crypto";
import { FlintError } from "../../../foundation/errors.js";
import type { Disk, DiskContent } from "../inventory/parse-inventory.js";
import type { DiskIdentity, DiskWish } from "../schema.js";

const MARKED = /^(flint-[0-9a-f]{8})-/;
const NONE: ReadonlySet<string> = new Set();

/**
 * Names the content of a disk: changes when anything a person would care about changes, and when it was made anew in the same
 * way, so that a consent that is left in a stack file is none to a later content.
 */
export function contentFingerprint(disk: Disk): string {
  const { summary, partitionLabels, identifiers = [] } = disk.content;
  const facts = [disk.serial, disk.wwn, disk.size, summary, ...partitionLabels, ...identifiers];
  return `${asWord(disk.serial ?? disk.wwn ?? String(disk.size))}-${createHash("sha256").update(facts.join("|")).digest("hex").slice(0, 6)}`;
}

/** What a stack file takes for `release` (components/cluster/formats.ts), of a serial with spaces or slashes, too. */
function asWord(name: string): string {
  const word = name.replaceAll(/[^A-Za-z0-9_.:+-]/g, "-").slice(0, 100);
  return /^[A-Za-z0-9]/.test(word) ? word : `disk${word}`;
}

/** True when every partition carries this installation's mark, or every one that of one earlier of the same machine. */
export function isOurs(disk: Disk, mark: string, earlier: ReadonlySet<string> = NONE): boolean {
  const [first = "", ...others] = disk.content.partitionLabels.map((label) => MARKED.exec(label)?.[1] ?? "");
  if (others.some((each) => each !== first)) return false;
  return first === mark || earlier.has(first);
}

/** True when an earlier generation of the same machine has left something on it. */
export function isEarlier({ content }: Disk, earlier: ReadonlySet<string>): boolean {
  return content.partitionLabels.some((label) => earlier.has(MARKED.exec(label)?.[1] ?? ""));
}

/** Nobody loses anything when it is formatted. */
export function isFree(disk: Disk, mark: string, earlier: ReadonlySet<string> = NONE): boolean {
  return disk.content.blank || isOurs(disk, mark, earlier);
}

/** Where a disk is declared, below the node. */
export type DiskKey = "disk" | "disk.mirror" | "disk.data";

/** How a person consents to the loss of what is on a disk, as the refusal and the preview say it. */
export function howToWipe(machine: string, key: DiskKey, fingerprint: string): string {
  return `To wipe it, set ${key}.release: ${fingerprint} for ${machine}; or declare another disk.`;
}

/**
 * The one disk that may be formatted: it matches the declared identity, and is blank, carries this very installation's
 * mark or one of `earlier` (of this machine's earlier generations: to raise it is to consent), or was released by naming the
 * fingerprint of its content.
 * @throws FlintError `DISK_NOT_FOUND`, `DISK_AMBIGUOUS`, `DISK_NOT_OURS`.
 */
export function chooseDisk(
  machine: string,
  wish: DiskIdentity & { mark: string; earlier?: ReadonlySet<string> },
  disks: Disk[],
  key: DiskKey = "disk",
): Disk {
  const matching = disks.filter((disk) => matches(wish, disk));
  const [disk, second] = matching;
  if (disk === undefined) {
    throw new FlintError("DISK_NOT_FOUND", {
      subject: `${machine}, disk ${describeWish(wish)}`,
      expected: "one disk with this identity",
      found: disks.length === 0 ? "no disk at all" : disks.map(describeDisk).join("; "),
      remedy: "Correct the node's disk in the stack file, or check the cabling. Nothing was written.",
    });
  }
  if (second !== undefined) {
    throw new FlintError("DISK_AMBIGUOUS", {
      subject: `${machine}, disk ${describeWish(wish)}`,
      expected: "one disk with this identity",
      found: matching.map(describeDisk).join("; "),
      remedy: "Name the disk by its serial in the stack file. Nothing was written.",
    });
  }
  if (isFree(disk, wish.mark, wish.earlier)) return disk;
  const fingerprint = contentFingerprint(disk);
  if (wish.release === fingerprint) return disk;
  throw new FlintError("DISK_NOT_OURS", {
    subject: `${machine}, disk ${disk.serial ?? disk.path}`,
    expected: "a blank disk, or one formatted by this installation",
    found: `${describeDisk(disk)}${disk.content.mounted ? ", mounted" : ""}`,
    remedy: `${howToWipe(machine, key, fingerprint)} Nothing was written.`,
  });
}

/** The disk of each declared role, each as `chooseDisk` allows it, and each another one. */
export interface ChosenDisks {
  system: Disk;
  mirror?: Disk;
  data?: Disk;
}

/**
 * All disks that the layout writes. Refused while a disk that is not declared carries this installation's mark: partitions
 * are found by their names, so the wrong one could be formatted, or booted.
 * @throws FlintError as `chooseDisk`; also `DISK_AMBIGUOUS` when one disk fits two roles, or the mark is on another disk;
 * `DISK_SHARED` when another disk has a part in what is on one of them.
 */
export function chooseDisks(
  machine: string,
  wish: DiskWish,
  disks: Disk[],
  earlier: ReadonlySet<string> = NONE,
): ChosenDisks {
  const { mark, mirror, data } = wish;
  const marks = { mark, earlier };
  const chosen: ChosenDisks = {
    system: chooseDisk(machine, { ...wish, earlier }, disks),
    ...(mirror === undefined ? {} : { mirror: chooseDisk(machine, { ...mirror, ...marks }, disks, "disk.mirror") }),
    ...(data === undefined ? {} : { data: chooseDisk(machine, { ...data, ...marks }, disks, "disk.data") }),
  };
  const roles = new Map<Disk, string>();
  for (const [role, disk] of Object.entries(chosen) as [string, Disk][]) {
    const other = roles.get(disk);
    if (other !== undefined) {
      throw new FlintError("DISK_AMBIGUOUS", {
        subject: `${machine}, disks ${other} and ${role}`,
        expected: "two disks",
        found: `one, ${describeDisk(disk)}`,
        remedy: "Name each disk by its serial in the stack file. Nothing was written.",
      });
    }
    roles.set(disk, role);
  }
  const marked = disks.find(
    (disk) => !roles.has(disk) && disk.content.partitionLabels.some((label) => label.startsWith(`${mark}-`)),
  );
  if (marked !== undefined) {
    throw new FlintError("DISK_AMBIGUOUS", {
      subject: `${machine}, disk ${marked.serial ?? marked.path}`,
      expected: `no other disk with partitions of this installation, ${mark}`,
      found: describeDisk(marked),
      remedy: "It was this node's disk once: wipe it or unplug it, or declare it again. Nothing was written.",
    });
  }
  refuseShared(machine, new Set(roles.keys()), disks);
  return chosen;
}

/**
 * Whoever formats a disk takes what is on it apart first, as disko does: of a volume group (`vgremove`) that goes for all its disks.
 * @throws FlintError `DISK_SHARED` when a disk that is not declared has a part in what is on a chosen one.
 */
function refuseShared(machine: string, chosen: ReadonlySet<Disk>, disks: readonly Disk[]): void {
  for (const disk of chosen) {
    const parts = new Set(disk.volumes);
    const other = disks.find((each) => !chosen.has(each) && each.volumes?.some((volume) => parts.has(volume)));
    if (other === undefined) continue;
    throw new FlintError("DISK_SHARED", {
      subject: `${machine}, disk ${disk.serial ?? disk.path}`,
      expected: "nothing on it that another disk has a part in",
      found: `${describeDisk(disk)} in one with ${describeDisk(other)}, which is not declared`,
      remedy: `Unplug ${other.path}; or take it out of the volume group (vgreduce, pvremove), or wipe it by hand. Nothing was written.`,
    });
  }
}

/** Whether a disk is what the declared identity says. */
export function matches(wish: DiskIdentity, disk: Pick<Disk, "serial" | "wwn" | "size">): boolean {
  if (wish.serial !== undefined && disk.serial !== wish.serial) return false;
  if (wish.wwn !== undefined && disk.wwn?.toLowerCase() !== wish.wwn.toLowerCase()) return false;
  if (wish.minSize !== undefined && disk.size < wish.minSize) return false;
  if (wish.maxSize !== undefined && disk.size > wish.maxSize) return false;
  return true;
}

function describeWish(wish: DiskIdentity): string {
  const parts = [
    wish.serial && `serial ${wish.serial}`,
    wish.wwn && `wwn ${wish.wwn}`,
    wish.minSize && `at least ${size(wish.minSize)}`,
    wish.maxSize && `at most ${size(wish.maxSize)}`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** "/dev/vda (serial S4EVNX0R, 1.8 TB: ext4 'backup')". */
export function describeDisk(
  disk: Pick<Disk, "path" | "serial" | "size"> & { content: Pick<DiskContent, "summary"> },
): string {
  return `${disk.path} (${disk.serial === undefined ? "no serial" : `serial ${disk.serial}`}, ${size(disk.size)}: ${disk.content.summary})`;
}

function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
