import { FlintError, isFlintError } from "../foundation/errors.js";

/** What is done to a machine, as its errors name it after the machine: docs/errors.md lists them. */
export const PHASES = [
  "making of its keys",
  "first look",
  "build of its system",
  "registration",
  "start of the installer",
  "look at its disks",
  "installation",
  "restart out of the installer",
  "power on",
  "start from disk",
  "new secrets",
  "switch to another system",
  "restart",
  "start of its services",
  "last look",
  "forming the cluster",
  "joining the cluster",
  "check of its membership",
  "leaving the cluster",
  "wipe",
  "power off",
  "removal of its registration",
  "build",
] as const;
export type Phase = (typeof PHASES)[number];

/** What is done to what all machines share: named first, before the provisioning host. */
export const SHARED_PHASES = ["preparation", "publication", "removal"] as const;

const told = new WeakSet<object>();

/**
 * The error, with the phase after the machine's name: whoever stopped knows what it asked of whom, and not what for. What is no
 * FlintError, or names its phase already, stays as it is.
 */
export function inPhase(machine: string, phase: Phase, error: unknown): unknown {
  if (!isFlintError(error) || told.has(error)) return error;
  return withSubject(error, subjectIn(machine, phase, error.subject));
}

/** The same of what all machines share. */
export function inSharedPhase(phase: (typeof SHARED_PHASES)[number], error: unknown): unknown {
  if (!isFlintError(error) || told.has(error) || error.subject.startsWith(`${phase}, `)) return error;
  return withSubject(error, `${phase}, ${error.subject}`);
}

function withSubject(error: FlintError, subject: string): FlintError {
  const { code, expected, found, remedy } = error;
  const named = new FlintError(code, {
    subject,
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
    remedy,
    cause: error,
  });
  told.add(named);
  return named;
}

/** `node04, BMC at …` becomes `node04, power on, BMC at …`; `node04 at 10.0.0.4` becomes `node04 at 10.0.0.4, power on`. */
function subjectIn(machine: string, phase: Phase, subject: string): string {
  const [head = "", ...more] = subject.split(", ");
  const isNamed = head === machine || head.startsWith(`${machine} at `);
  // "node04, which left cluster X" is one name.
  if (!isNamed || more[0]?.startsWith("which ")) return `${machine}, ${phase}: ${subject}`;
  return more[0] === phase ? subject : [head, phase, ...more].join(", ");
}
