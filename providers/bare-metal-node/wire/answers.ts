import type { SshAnswer } from "../../../drivers/ssh/connect.js";
import { sshAnswers } from "../../../drivers/ssh/probe.js";
import type { SshTarget } from "../../../drivers/ssh/target.js";
import type { Answer } from "./causes.js";

/** Who may answer at a node's address; absent where there is no such key. */
export interface Candidates {
  installer?: SshTarget;
  system?: SshTarget;
}

/** Who answers ssh at a node's address, by the host key that is shown; undefined where nobody does. */
export async function whoAnswers(signal: AbortSignal, { installer, system }: Candidates): Promise<Answer | undefined> {
  const first = installer === undefined ? undefined : await sshAnswers(installer, { signal });
  if (first === "ready") return "installer";
  if (first === "auth-failed") return "installer-refuses";
  const other = first === undefined || first === "wrong-host-key";
  if (!other) return undefined;
  const second: SshAnswer | undefined = system === undefined ? first : await sshAnswers(system, { signal });
  if (second === "ready") return "system";
  if (second === "auth-failed") return "system-refuses";
  return second === "wrong-host-key" ? "stranger" : undefined;
}
