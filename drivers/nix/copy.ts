import { FlintError } from "../../foundation/errors.js";
import { redact } from "../../foundation/redact.js";
import type { SshTarget } from "../ssh/target.js";
import { pinnedSsh } from "./pinned-ssh.js";
import { runProcess } from "./process.js";

/**
 * Copies a store path with its closure into a running machine's store; what is there already is not sent again.
 * @throws FlintError `NIX_COPY`.
 */
export async function copyClosure(
  toplevel: string,
  target: SshTarget,
  options: { deadlineMs: number; signal?: AbortSignal },
): Promise<void> {
  const ssh = await pinnedSsh(target);
  try {
    const result = await runProcess(
      "nix",
      ["copy", "--extra-experimental-features", "nix-command flakes", "--no-check-sigs"].concat([
        "--to",
        `ssh://${target.user ?? "root"}@${target.host}`,
        toplevel,
      ]),
      { env: ssh.env, deadlineMs: options.deadlineMs, signal: options.signal },
    );
    if (result.code === 0) return;
    throw new FlintError("NIX_COPY", {
      subject: target.name,
      expected: `the system ${toplevel} to arrive`,
      found: `exit code ${result.code}: ${redact(result.stderrTail.slice(-3).join("; "))}`,
      remedy:
        "Check the space on the machine's disk and its ssh, then run `pulumi up` again: only what is missing is sent.",
    });
  } finally {
    await ssh.dispose();
  }
}
