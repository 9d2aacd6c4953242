import { FlintError } from "../../foundation/errors.js";
import type { NodeContext } from "./context.js";
import { chooseDisks, isOurs } from "./disk/guard.js";
import { type Disk, parseInventory } from "./inventory/parse-inventory.js";
import { inventoryScript } from "./inventory/script.js";
import type { StoredNode } from "./schema.js";

/**
 * Argument: the disk. The root file system stays mounted: writing over the signatures and the start of each partition is
 * enough that nothing boots or mounts again.
 */
export const WIPE_SCRIPT = `set -e
for part in $(lsblk --noheadings --list --paths --output NAME,TYPE "$1" | awk '$2 == "part" { print $1 }'); do
  dd if=/dev/zero of="$part" bs=1M count=16 conv=fsync,notrunc 2>/dev/null
done
dd if=/dev/zero of="$1" bs=1M count=2 conv=fsync,notrunc 2>/dev/null
end=$(( $(blockdev --getsz "$1") / 2048 - 2 ))
dd if=/dev/zero of="$1" bs=1M count=2 seek="$end" conv=fsync,notrunc 2>/dev/null
`;

/**
 * Makes the installed disks unreadable from the running system: every partition's and the disks' own signatures go.
 * Only disks that carry this very installation's mark are touched.
 * @throws FlintError `WIPE_REFUSED` when one does not, or when the machine cannot be reached.
 */
export async function wipeDisk(node: NodeContext<StoredNode>): Promise<void> {
  const { want } = node;
  await node.lockSystem();
  const session = await node.system();
  const { stdout } = await session.script(inventoryScript(), [], { deadlineMs: 60_000, signal: node.signal });
  const disks = Object.values(chooseDisks(want.name, want.disk, parseInventory(stdout).disks)) as Disk[];
  for (const disk of disks) {
    if (isOurs(disk, want.disk.mark)) continue;
    throw new FlintError("WIPE_REFUSED", {
      subject: `${want.name}, disk ${disk.serial ?? disk.path}`,
      expected: `partitions marked ${want.disk.mark}`,
      found: disk.content.summary,
      remedy: "Set onDelete: power-off, or wipe the disk by hand.",
    });
  }
  for (const disk of disks) {
    node.say(`wiping ${disk.path}`);
    await session.script(WIPE_SCRIPT, [disk.path], { deadlineMs: 120_000, signal: node.signal, okCodes: [1] });
  }
}
