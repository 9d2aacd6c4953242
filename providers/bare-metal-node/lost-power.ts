import { FlintError, isFlintError } from "../../foundation/errors.js";
import { type BmcUser, withBmc } from "./bmc.js";
import { LOST_POWER, OFF } from "./wire/diagnose.js";

/** Whether the BMC shows the machine off. One that does not answer shows nothing. */
export async function isShownOff(node: BmcUser): Promise<boolean> {
  node.say("it does not answer: asking its BMC for its power");
  const power = await withBmc(node, (bmc) => bmc.power()).catch(() => undefined);
  node.signal.throwIfAborted();
  return power === "off";
}

/**
 * An error about a machine that is not reached any more, with what its BMC says of its power: of one that is off, neither
 * console nor network tell anything. Waits for a machine ask their own questions (`wire/diagnose.ts`).
 */
export async function blamePower(node: BmcUser, error: unknown): Promise<unknown> {
  node.signal.throwIfAborted();
  if (!isFlintError(error) || error.code !== "SSH_UNREACHABLE" || !(await isShownOff(node))) return error;
  return new FlintError(error.code, {
    subject: error.subject,
    expected: error.expected,
    found: `${error.found}; ${OFF}`,
    remedy: LOST_POWER,
    cause: error,
  });
}
