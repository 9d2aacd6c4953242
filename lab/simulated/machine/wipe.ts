import type { ShellAnswer, ShellCall } from "../ssh/shell.js";
import { eraseDisk, judgeWipe } from "./format.js";
import type { Machine } from "./machine.js";

/** Does what WIPE_SCRIPT of providers/bare-metal-node/wipe.ts does, in whatever runs on the machine. */
export async function wipeDisk(
  machine: Machine,
  { argv: [path], signal }: Pick<ShellCall, "argv" | "signal">,
): Promise<ShellAnswer> {
  machine.reaches("wipe");
  const disk = machine.disks.find((each) => each.path === path);
  if (disk === undefined) return { code: 1, stderr: `lsblk: ${path}: not a block device\n` };
  const { serial } = disk.description;
  judgeWipe(machine, disk);
  machine.tell("wipe", { disk: serial });
  await machine.takes("wipePartitions", signal);
  if (machine.faults.diskErrors) return { code: 1, stderr: `dd: error writing '${path}': Input/output error\n` };
  disk.emptyPartitions();
  await machine.takes("wipeTable", signal);
  eraseDisk(machine, disk);
  return {};
}
