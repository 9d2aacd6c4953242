import { sshAnswers } from "../../drivers/ssh/probe.js";
import type { SshTarget } from "../../drivers/ssh/target.js";
import { FlintError, isFlintError } from "../../foundation/errors.js";
import type { BmcUser } from "./bmc.js";
import { isShownOff } from "./lost-power.js";
import { LOST_POWER, OFF } from "./wire/diagnose.js";

/** What the last lines say of the cause, and what to do about it. */
const CAUSES: readonly (readonly [said: RegExp, remedy: string])[] = [
  [
    /no space left on device/i,
    "The system does not fit on the disk: declare a larger one, or a smaller system, and run `pulumi up` again.",
  ],
  [
    /input\/output error/i,
    "The disk or its cable is failing: see the machine's console, replace it (and declare the new one), and run `pulumi up` again.",
  ],
  [
    /\bkilled\b|out of memory|cannot allocate memory/i,
    "The installer, which lives in memory, has too little of it: see the machine's console, add memory, and run `pulumi up` again.",
  ],
];

function remedyInInstaller(found: string, late: boolean): string {
  const known = late ? undefined : CAUSES.find(([said]) => said.test(found))?.[1];
  const raise = late ? " or raise deadlines.install" : "";
  return (
    known ??
    `The machine is still in the installer: see its console, mend the cause${raise}, and run \`pulumi up\` again.`
  );
}

/** An installation that failed, with the machine's name and whether its installer still answers. */
export async function installFailure(node: BmcUser, target: SshTarget, error: unknown): Promise<unknown> {
  const { name } = node.want;
  node.signal.throwIfAborted();
  const late = isFlintError(error, "TOOL_TIMEOUT");
  if (!late && !isFlintError(error, "INSTALL_FAILED")) return error;
  const answer = await sshAnswers(target, { deadlineMs: 10_000, signal: node.signal });
  const there = answer === "ready";
  const off = !there && (await isShownOff(node));
  return new FlintError(error.code, {
    subject: `${name}, installation`,
    expected: error.expected,
    found: `${error.found}${there ? "" : `; its installer does not answer any more (ssh: ${answer})`}${off ? `; ${OFF}` : ""}`,
    remedy: there
      ? remedyInInstaller(error.found ?? "", late)
      : off
        ? LOST_POWER
        : "It has restarted, or its network is gone: see its console, then run `pulumi up` again. It installs again: the disk carries this installation's mark.",
    cause: error,
  });
}
