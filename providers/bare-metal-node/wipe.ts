import { FlintError, isFlintError } from "../../foundation/errors.js";
import { stillAlone } from "../runtime/lock/cluster-lock.js";
import type { NodeContext } from "./context.js";
import { chooseDisks, isOurs } from "./disk/guard.js";
import type { Disk } from "./inventory/parse-inventory.js";
import { type NodeRecord, readRecord, writeRecord } from "./record.js";
import type { StoredNode } from "./schema.js";
import { lookBeforeWipe } from "./wipe-place.js";

/**
 * Argument: the disk. The root file system stays mounted: writing over the signatures and the start of each partition is
 * enough that nothing boots or mounts again. A partition may be shorter than what is written over: the BIOS' own has one MiB.
 */
export const WIPE_SCRIPT = `set -e
for part in $(lsblk --noheadings --list --paths --output NAME,TYPE "$1" | awk '$2 == "part" { print $1 }'); do
  bytes=$(( $(blockdev --getsz "$part") * 512 ))
  [ "$bytes" -le 16777216 ] || bytes=16777216
  dd if=/dev/zero of="$part" bs=1M count="$bytes" iflag=count_bytes conv=fsync,notrunc status=none
done
dd if=/dev/zero of="$1" bs=1M count=2 conv=fsync,notrunc status=none
end=$(( $(blockdev --getsz "$1") / 2048 - 2 ))
dd if=/dev/zero of="$1" bs=1M count=2 seek="$end" conv=fsync,notrunc status=none
`;

/**
 * Makes the installed disks unreadable, from the system that runs on them or from the installer that was to write them: every
 * partition's and the disks' own signatures go.
 * Only disks that carry this very installation's mark are touched; the record on the provisioning host notes that before
 * the first of them loses it, and the end. So a wipe that was cut short is ended, and one that was done is not asked for again.
 * @throws FlintError `WIPE_REFUSED` when one does not carry it; `WIPE_FAILED` when it cannot be written; `MACHINE_IDENTITY` when
 * another machine is in that installer.
 */
export async function wipeDisk(node: NodeContext<StoredNode>): Promise<void> {
  const { want } = node;
  const host = await node.host();
  const record = await readRecord(host, want.pxe.root, want.name);
  const known = record?.mark === want.disk.mark ? record.phase : undefined;
  if (known === "wiped") return;
  const note = (phase: NodeRecord["phase"]) => {
    const unknown: NodeRecord = { version: 1, node: want.name, mark: want.disk.mark, nonce: "", phase };
    return writeRecord(host, want.pxe.root, { ...unknown, ...record, mark: want.disk.mark, phase });
  };
  const { session, disks: found, unfinished } = await lookBeforeWipe(node, record);
  const disks = disksToWipe(want, found, known === "wiping", unfinished);
  await note("wiping");
  for (const disk of disks) {
    // Never written to; or the wipe that was cut short, which writes a disk's beginning after its partitions, and its end last.
    if (found.some(({ path, content }) => path === disk.path && content.blank)) continue;
    await stillAlone(want.cluster);
    node.say(`wiping ${disk.path}`);
    const options = { deadlineMs: 120_000, signal: node.signal, label: `wiping ${disk.path}` };
    await session.script(WIPE_SCRIPT, [disk.path], options).catch((error: unknown) => {
      throw isFlintError(error, "SSH_COMMAND") ? wipeFailed(want.name, disk, error) : error;
    });
  }
  await note("wiped");
}

/**
 * The declared disks. @param begun A wipe of them has begun: what is left of them counts as theirs. @param unfinished Their
 * installation did not come to its end: those that are blank it has not come to.
 * @throws FlintError `WIPE_REFUSED`, or as `chooseDisks`.
 */
export function disksToWipe(
  { name, disk: wish }: StoredNode,
  found: readonly Disk[],
  begun: boolean,
  unfinished = false,
): Disk[] {
  const { mark } = wish;
  const seen = found.map((disk) => (begun && isRemains(disk, mark) ? { ...disk, content: BLANK } : disk));
  const disks = Object.values<Disk>({ ...chooseDisks(name, wish, seen) });
  for (const disk of disks) {
    if (isOurs(disk, mark) || ((begun || unfinished) && disk.content.blank)) continue;
    throw new FlintError("WIPE_REFUSED", {
      subject: `${name}, disk ${disk.serial ?? disk.path}`,
      expected: `partitions marked ${mark}`,
      found: disk.content.summary,
      remedy: "Set onDelete: power-off, or wipe the disk by hand.",
    });
  }
  return disks;
}

const BLANK = { blank: true, partitionLabels: [], partitions: 0, summary: "blank", mounted: false };

/** The kernel goes on knowing partitions that are mounted; without their table they have no names and no file systems. */
function isRemains({ content }: Disk, mark: string): boolean {
  const nobodys = content.partitionLabels.every((label) => label === "" || label.startsWith(`${mark}-`));
  return nobodys && ["blank", "unknown data", "gpt"].includes(content.summary);
}

function wipeFailed(node: string, disk: Disk, error: FlintError): FlintError {
  return new FlintError("WIPE_FAILED", {
    subject: `${node}, disk ${disk.serial ?? disk.path}`,
    expected: "its signatures and the start of each partition to be written over",
    ...(error.found === undefined ? {} : { found: error.found }),
    remedy:
      "It may still hold data, and the machine runs on. Run the same command again; if the disk is broken, set onDelete: power-off and destroy the disk.",
    cause: error,
  });
}
