import type { Surroundings } from "../surroundings.js";
import type { Disk, DiskKind } from "./disk.js";

/** The machine whose disk it is, as far as what is done to its disks is judged. */
export interface DiskOwner {
  name: string;
  around: Pick<Surroundings, "ledger" | "thatCountOn">;
  tell(event: string, details: Readonly<Record<string, unknown>>): void;
}

/** Loses what is on the disk: judged and noted before it happens. */
export function formatDisk(machine: DiskOwner, disk: Disk, mark: string, kind: DiskKind = "system"): void {
  const { ledger } = machine.around;
  const { serial } = disk.description;
  const { wipes } = ledger.of(machine.name);
  if (disk.precious) ledger.violate(machine.name, `disk ${serial} held foreign data and was formatted`);
  judgeMembership(machine, disk, "formatted");
  const isInUse = disk.mark === mark && !disk.letGo;
  if (isInUse && disk.system !== undefined)
    ledger.violate(machine.name, `disk ${serial} held the whole system of ${mark} and was formatted again`);
  else if (isInUse && !disk.cutOff && kind === "system")
    ledger.violate(machine.name, `disk ${serial} was laid out for ${mark} and was formatted again`);
  wipes[serial] = (wipes[serial] ?? 0) + 1;
  machine.tell("format", { disk: serial, mark });
  disk.format(mark, kind);
}

/** A system that runs is about to overwrite all that is on a disk: judged before it happens, once, whatever comes of it. */
export function judgeWipe(machine: DiskOwner, disk: Disk): void {
  const { ledger } = machine.around;
  const { serial } = disk.description;
  if (disk.precious) ledger.violate(machine.name, `disk ${serial} held foreign data and was wiped`);
  if (disk.blank) ledger.violate(machine.name, `disk ${serial} was blank and was wiped again`);
  judgeMembership(machine, disk, "wiped");
}

/** It has overwritten all of it. */
export function eraseDisk(machine: DiskOwner, disk: Disk): void {
  machine.tell("erase", { disk: disk.description.serial });
  disk.erase();
}

/**
 * An installation has come to its end.
 * @param anew Files came that were not there before, or differ.
 */
export function finishInstallation(
  machine: DiskOwner,
  disk: Disk,
  toplevel: string,
  mark: string,
  anew: boolean,
): void {
  const { ledger } = machine.around;
  const { installs } = ledger.of(machine.name);
  if (disk.system === toplevel && !disk.cutOff && !anew)
    ledger.violate(machine.name, `disk ${disk.description.serial} had all of ${mark} and was installed again`);
  installs[mark] = (installs[mark] ?? 0) + 1;
  disk.system = toplevel;
  machine.tell("installed", { toplevel, mark });
}

/** Members leave before their data is lost. */
function judgeMembership(machine: DiskOwner, disk: Disk, what: string): void {
  for (const service of machine.around.thatCountOn(disk.data))
    machine.around.ledger.violate(
      machine.name,
      `disk ${disk.description.serial} was ${what} while it was a member of ${service}`,
    );
}
