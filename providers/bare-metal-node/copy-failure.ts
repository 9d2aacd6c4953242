import { sshAnswers } from "../../drivers/ssh/probe.js";
import type { SshTarget } from "../../drivers/ssh/target.js";
import { FlintError, isFlintError } from "../../foundation/errors.js";

const CAUSES: readonly (readonly [said: RegExp, remedy: string])[] = [
  [
    /no space left on device/i,
    "Free space on the machine (`nix-collect-garbage -d`), then run `pulumi up` again: only what is missing is sent.",
  ],
  [
    /input\/output error/i,
    "The machine's disk or its cable is failing: see its console. To install it anew on another disk, declare that and raise the node's generation.",
  ],
];

/** A system that did not arrive on a running machine: whose, and whether that still answers. */
export async function copyFailure(target: SshTarget, error: unknown, signal: AbortSignal): Promise<unknown> {
  const { name } = target;
  signal.throwIfAborted();
  if (!isFlintError(error) || !["NIX_COPY", "TOOL_TIMEOUT"].includes(error.code)) return error;
  const late = error.code === "TOOL_TIMEOUT";
  const answer = await sshAnswers(target, { deadlineMs: 10_000, signal });
  const there = answer === "ready";
  return new FlintError(error.code, {
    subject: late ? `${name}, copy of its new system` : name,
    expected: error.expected,
    found: `${error.found}${there ? "" : `; the machine does not answer any more (ssh: ${answer})`}`,
    remedy: !there
      ? "It has restarted, or lost its power or its network: see its console, then run `pulumi up` again. It runs its old system until then."
      : late
        ? "Check the network between here and the machine, or raise deadlines.install; then run `pulumi up` again: only what is missing is sent."
        : (CAUSES.find(([said]) => said.test(error.found ?? ""))?.[1] ?? error.remedy),
    cause: error,
  });
}
