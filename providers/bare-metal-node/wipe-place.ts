import { sshAnswers } from "../../drivers/ssh/probe.js";
import type { SshSession, SshTarget } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import { seconds } from "../../foundation/wait.js";
import { refuseOtherInstaller } from "./accept-machine.js";
import type { NodeContext } from "./context.js";
import { type Disk, type Inventory, parseInventory } from "./inventory/parse-inventory.js";
import { inventoryScript } from "./inventory/script.js";
import type { NodeRecord } from "./record.js";
import type { StoredNode } from "./schema.js";

/** Seconds for the disk script of an installation that was cut off: laying out and making file systems. */
const DISK_SCRIPT_S = 300;

/** EX_TEMPFAIL of sysexits.h. */
const STILL_RUNS = 75;

/**
 * Argument: seconds. The disk script (nix/disko/script.nix) goes on when its caller is gone, and would lay out once more what has just
 * been wiped: the lock that it holds meanwhile tells that it has ended.
 */
export const AWAIT_DISK_SCRIPT = `set -e
mkdir -p /run/flint
exec 9>> /run/flint/disks.lock
flock -E ${STILL_RUNS} -w "$1" 9
`;

/** From where a machine's disks are wiped, and what is seen of them there. */
export interface WipePlace {
  session: SshSession;
  disks: Disk[];
  /** It is the installer: their installation did not come to its end. */
  unfinished: boolean;
}

/**
 * The installed system; or the installer of this very installation, where a run has ended before the system had started. Each is known
 * by the host key that was made for it. Locks what it finds.
 * @throws FlintError `MACHINE_IDENTITY` when another machine is in that installer; `WIPE_FAILED` when its disks are laid out still.
 */
export async function lookBeforeWipe(
  node: NodeContext<StoredNode>,
  record: NodeRecord | undefined,
): Promise<WipePlace> {
  const installer = await ownInstaller(node, record);
  if (record === undefined || installer === undefined) {
    await node.lockSystem();
    const session = await node.patientSystem();
    const { disks } = await look(node, session);
    return { session, disks, unfinished: false };
  }
  await node.lockInstaller(installer);
  const session = node.lookAtInstaller(installer);
  const { code } = await session.script(AWAIT_DISK_SCRIPT, [String(DISK_SCRIPT_S)], {
    label: "wait for its disk script",
    deadlineMs: (DISK_SCRIPT_S + 30) * 1000,
    okCodes: [0, STILL_RUNS],
    signal: node.signal,
  });
  if (code === STILL_RUNS) throw stillLaidOut(node.want.name);
  const seen = await look(node, session);
  // What was seen of the machine when its disks were accepted: its own serial as it was declared, where one was.
  const serial = node.run.before?.machineSerial || undefined;
  const { name, mac, addresses } = node.want;
  refuseOtherInstaller({ name, mac, addresses, serial }, seen, record.nonce);
  return { session, disks: seen.disks, unfinished: true };
}

async function look(node: NodeContext<StoredNode>, session: SshSession): Promise<Inventory> {
  const { stdout } = await session.script(inventoryScript(), [], { deadlineMs: 60_000, signal: node.signal });
  return parseInventory(stdout);
}

/** Undefined where this installation has none any more, and where it does not answer. */
async function ownInstaller(
  node: NodeContext<StoredNode>,
  record: NodeRecord | undefined,
): Promise<SshTarget | undefined> {
  if (record === undefined || record.mark !== node.want.disk.mark) return undefined;
  const target = node.installerTarget(record);
  if (target === undefined) return undefined;
  return (await sshAnswers(target, { signal: node.signal })) === "ready" ? target : undefined;
}

export function stillLaidOut(node: string): FlintError {
  return new FlintError("WIPE_FAILED", {
    subject: `${node}, its disks`,
    expected: `the disk script of the installation that was cut off to end within ${seconds(DISK_SCRIPT_S * 1000)}`,
    found: "that it runs still in the installer",
    remedy:
      "See the machine's console for what it waits for, and run the same command again; or, where its disks are of no interest, set onDelete: power-off. Nothing was wiped.",
  });
}
