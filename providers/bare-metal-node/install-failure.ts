import { sshAnswers } from "../../drivers/ssh/probe.js";
import type { SshTarget } from "../../drivers/ssh/target.js";
import { FlintError, isFlintError } from "../../foundation/errors.js";
import type { NodeContext } from "./context.js";

/** An installation that failed, with the machine's name and whether its installer still answers. */
export async function installFailure(node: NodeContext, target: SshTarget, error: unknown): Promise<unknown> {
  const { name } = node.want;
  node.signal.throwIfAborted();
  const late = isFlintError(error, "TOOL_TIMEOUT");
  if (!late && !isFlintError(error, "INSTALL_FAILED")) return error;
  const answer = await sshAnswers(target, { deadlineMs: 10_000, signal: node.signal });
  const there = answer === "ready";
  return new FlintError(error.code, {
    subject: `${name}, installation`,
    expected: error.expected,
    found: `${error.found}${there ? "" : `; its installer does not answer any more (ssh: ${answer})`}`,
    remedy: there
      ? `The machine is still in the installer: see its console, mend the cause${late ? " or raise deadlines.install" : ""}, and run \`pulumi up\` again.`
      : "It has restarted, or its network is gone: see its console, then run `pulumi up` again. It installs again: the disk carries this installation's mark.",
    cause: error,
  });
}
