import { FlintError } from "../../foundation/errors.js";
import { type ForeignDisk, foreignDisks } from "./disk/foreign.js";
import { type ChosenDisks, chooseDisks, isEarlier } from "./disk/guard.js";
import { earlierMarks } from "./disk/mark.js";
import type { Inventory } from "./inventory/parse-inventory.js";
import { type MachineIdentity, otherMachine } from "./machine-identity.js";
import type { NodeInputs } from "./schema.js";

/** What of a declared node decides whether a machine may be written. */
export type Expected = Pick<
  NodeInputs,
  "cluster" | "name" | "mac" | "addresses" | "serial" | "uuid" | "firmware" | "disk"
>;

/**
 * The disks that may be written, of a machine that was seen in its installer: it is the declared one, and the disks are. The
 * only way to a format. Pure.
 * @param nonce Of the boot attempt that brought it there.
 * @throws FlintError `MACHINE_IDENTITY`, or as `chooseDisks`.
 */
export function acceptMachine(want: Expected, seen: Inventory, nonce: string): ChosenDisks {
  refuseOtherInstaller(want, seen, nonce);
  if (seen.firmware !== want.firmware) throw wrong(want, `a machine started by ${want.firmware}`, seen.firmware);
  return chooseDisks(want.name, want.disk, seen.disks, earlierOf(want));
}

/** Its declared disks that may be written with consent only. Means something of the declared machine alone. Pure. */
export function foreignDisksOf(want: Expected, seen: Inventory): ForeignDisk[] | undefined {
  return foreignDisks(want.disk, seen.disks, earlierOf(want));
}

/** Whether an earlier generation of this machine is on its disks: a member's data, perhaps. Pure. */
export function holdsEarlier(want: Expected, { disks }: Inventory): boolean {
  const earlier = earlierOf(want);
  return disks.some((disk) => isEarlier(disk, earlier));
}

function earlierOf({ cluster, name, disk }: Expected): Set<string> {
  return earlierMarks(cluster, name, disk.generation ?? 1);
}

/** What tells a machine in its installer from others. */
export type InstallerIdentity = Pick<Expected, "name" | "mac" | "addresses"> & MachineIdentity;

/**
 * What runs is the installer that was started for this node, on the machine that it was started on. Pure.
 * @throws FlintError `MACHINE_IDENTITY`.
 */
export function refuseOtherInstaller(want: InstallerIdentity, seen: Inventory, nonce: string): void {
  if (seen.node !== want.name || seen.nonce !== nonce) {
    throw wrong(want, `the installer started for ${want.name}`, `an installer started for ${seen.node ?? "nobody"}`);
  }
  if (!seen.nics.some((nic) => nic.mac === want.mac)) {
    throw wrong(want, `a card with MAC ${want.mac}`, seen.nics.map((nic) => nic.mac).join(", ") || "no card");
  }
  const difference = otherMachine(want, seen, "differs");
  if (difference !== undefined) throw wrong(want, difference.expected, difference.found);
}

function wrong({ name, addresses }: InstallerIdentity, expected: string, found: string): FlintError {
  return new FlintError("MACHINE_IDENTITY", {
    subject: `${name} at ${addresses.provisioning}`,
    expected,
    found,
    remedy: "Correct the node in the stack file, or the cabling. Nothing was written.",
  });
}
