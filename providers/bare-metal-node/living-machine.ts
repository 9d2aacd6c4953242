import { FlintError } from "../../foundation/errors.js";

/** What shows that a machine lives although ssh does not reach its system. */
export type Serving =
  /** Something listens where its service does. `answer`: the status of its health, or what came instead. */
  | { service: string; url: string; answer: string }
  /** Nothing does, and the service's other members list it as healthy. */
  | { service: string; listed: "healthy" };

/** Keys are the states of a system that is not reached. */
const SSH = {
  silent: "its ssh does not answer",
  refused: "its ssh is refused",
  stranger: "its ssh shows another host key",
  "login-refused": "its ssh lets nobody in",
} as const;

/** Refuses a machine that would be booted, and wiped, in the middle of its work. */
export function livingMachine(
  { node, address }: { node: string; address: string },
  ssh: keyof typeof SSH,
  serves: readonly Serving[],
): FlintError {
  return new FlintError("NODE_LIVING", {
    subject: `${node} at ${address}`,
    expected: "its ssh to answer, or nothing at all",
    found: `that it lives: ${serves.map(inWords).join(", ")}; ${SSH[ssh]}`,
    remedy:
      "See `systemctl status sshd` at its console, mend its ssh, and run `pulumi up` again: it is taken over as it runs. To install it anew, switch it off first. Nothing was changed.",
  });
}

function inWords(sign: Serving): string {
  if ("url" in sign) return `${sign.service} at ${sign.url} answers ${sign.answer}`;
  return `the other members of ${sign.service} list it as ${sign.listed}`;
}
