import type { BmcDriver } from "../../drivers/bmc/driver.js";
import { FlintError } from "../../foundation/errors.js";
import type { NodeInputs } from "./schema.js";
import type { SystemFacts } from "./system-facts.js";

/** What a machine is declared to be, or says of itself. */
export interface MachineIdentity {
  serial?: string | undefined;
  uuid?: string | undefined;
}

/**
 * How the machine differs from the declared one; undefined where it does not, or does not say. `silence`: what does not say
 * counts as different.
 */
export function otherMachine(
  want: MachineIdentity,
  seen: MachineIdentity,
  silence: "passes" | "differs",
): { expected: string; found: string } | undefined {
  const says = (value: string | undefined) => value !== undefined || silence === "differs";
  if (want.serial !== undefined && says(seen.serial) && seen.serial !== want.serial)
    return { expected: `a machine with serial ${want.serial}`, found: `serial ${seen.serial ?? "unknown"}` };
  if (want.uuid !== undefined && says(seen.uuid) && !isSameUuid(want.uuid, seen.uuid ?? ""))
    return { expected: `a machine with UUID ${want.uuid}`, found: `UUID ${seen.uuid ?? "unknown"}` };
  return undefined;
}

/**
 * The first three fields of a SMBIOS UUID are little-endian, and firmware, BMCs and kernels do not agree on how to print them
 * (DSP0134, "System — UUID"): both orders name the same machine.
 */
export function isSameUuid(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return a === b || swapped(a) === b;
}

function swapped(uuid: string): string {
  const [low = "", middle = "", high = "", ...rest] = uuid.split("-");
  const reversed = (field: string) => (field.match(/../g) ?? []).reverse().join("");
  return [reversed(low), reversed(middle), reversed(high), ...rest].join("-");
}

/**
 * The node's own system answers, from another machine than the declared one: as the one of before, which runs on at the address of
 * the one that is to take its place. Its power, and whatever is asked of its BMC, would be the other one's.
 * @throws FlintError `MACHINE_IDENTITY`.
 */
export function refuseOtherMachine(
  want: MachineIdentity & Pick<NodeInputs, "name" | "addresses">,
  { machineSerial, machineUuid }: Pick<SystemFacts, "machineSerial" | "machineUuid">,
): void {
  const difference = otherMachine(
    want,
    { serial: machineSerial || undefined, uuid: machineUuid || undefined },
    "passes",
  );
  if (difference === undefined) return;
  throw new FlintError("MACHINE_IDENTITY", {
    subject: `${want.name} at ${want.addresses.provisioning}`,
    expected: difference.expected,
    found: `its system on a machine with ${difference.found}`,
    remedy:
      "Correct the node's serial or uuid in the stack file; or, if another machine takes its place, switch the old one off. Nothing was changed.",
  });
}

/**
 * A machine whose BMC reports another serial or UUID is another machine: it is not even powered on.
 * @throws FlintError `MACHINE_IDENTITY`, and those of the driver.
 */
export async function refuseOtherBmc(
  want: MachineIdentity & Pick<NodeInputs, "name">,
  bmc: Pick<BmcDriver, "identity">,
): Promise<void> {
  if (want.serial === undefined && want.uuid === undefined) return;
  const difference = otherMachine(want, await bmc.identity(), "passes");
  if (difference === undefined) return;
  throw new FlintError("MACHINE_IDENTITY", {
    subject: `${want.name}, BMC`,
    ...difference,
    remedy: "Correct the node's bmc, serial or uuid in the stack file. Nothing was powered on or written.",
  });
}
