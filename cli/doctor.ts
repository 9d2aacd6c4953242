import { FlintError } from "../foundation/errors.js";
import { rememberSecrets } from "../foundation/redact.js";
import { bmcAddress } from "../providers/bare-metal-node/bmc.js";
import { examine, type Patient } from "../providers/bare-metal-node/doctor/examine.js";
import { renderExamination } from "../providers/bare-metal-node/doctor/report.js";
import { connections } from "../providers/runtime/connections.js";
import { targetSecrets } from "../providers/ssh-target-schema.js";
import { readStack } from "./read-stack.js";
import { fullName, machinesOf } from "./stack-state.js";

export interface DoctorOptions {
  /** Its name, or cluster and name: `east/node01`. */
  node: string;
  stack?: string;
  directory?: string;
  json: boolean;
  terminal: { width: number; bold: (text: string) => string };
}

/**
 * Looks at one machine, and says why it does not come.
 * @returns what is printed, and whether the machine is fine.
 * @throws FlintError `NODE_UNKNOWN`, `STACK_UNREADABLE`, and those of reaching the provisioning host.
 */
export async function doctor(options: DoctorOptions, signal: AbortSignal): Promise<{ text: string; fine: boolean }> {
  const { node, stack, directory, json, terminal } = options;
  const machines = machinesOf(await readStack({ stack, directory }));
  const patient = machines.get(node) ?? [...machines.values()].find((each) => fullName(each) === node);
  if (patient === undefined) throw unknownNode(node, stack, [...machines.keys()].sort());
  rememberSecrets(...secretsOf(patient));
  // Whoever has not answered when all is said, as a frozen BMC, is not waited for.
  const done = new AbortController();
  try {
    const seen = await examine(patient, AbortSignal.any([signal, done.signal]));
    const text = json ? `${JSON.stringify(seen, undefined, 2)}\n` : renderExamination(seen, terminal);
    return { text, fine: seen.diagnosis === undefined };
  } finally {
    done.abort();
    connections.close();
  }
}

function secretsOf(patient: Patient): (string | undefined)[] {
  const bmc = bmcAddress(patient);
  return [...targetSecrets(patient.host), patient.loginKey.privateKey, ...("password" in bmc ? [bmc.password] : [])];
}

function unknownNode(node: string, stack: string | undefined, known: string[]): FlintError {
  return new FlintError("NODE_UNKNOWN", {
    subject: node,
    expected: `a machine of ${stack === undefined ? "the selected stack" : `stack ${stack}`}`,
    found: known.length === 0 ? "a stack without machines" : `one with ${known.join(", ")}`,
    remedy: `${known.length === 0 ? "" : "Name one of those. "}A machine is known from the first \`pulumi up\` on that declares it.`,
  });
}
