import { FlintError } from "../../foundation/errors.js";
import { redact } from "../../foundation/redact.js";
import type { SshTarget } from "../ssh/target.js";
import type { BuiltSystem } from "./driver.js";
import { type InstallStep, parseStep, STEP_TEXT } from "./parse-steps.js";
import { pinnedSsh } from "./pinned-ssh.js";
import { runProcess } from "./process.js";

export interface InstallOptions {
  /** The installer, with its pinned host key. */
  target: SshTarget;
  system: BuiltSystem;
  /** Directory whose files are copied into the new root, modes kept, owner root. */
  extraFiles: string;
  /** Files that the installer needs while it formats: path there → file here. Default: none. */
  diskKeys?: Record<string, string>;
  /** Milliseconds for the whole run. */
  deadlineMs: number;
  signal?: AbortSignal;
  onStep?: (step: InstallStep) => void;
}

/**
 * Formats the declared disk and installs the system with nixos-anywhere, without rebooting: Flint reboots by itself,
 * after the boot script says "disk" and the result was looked at.
 * @throws FlintError `INSTALL_FAILED` with the step and the last lines; `TOOL_MISSING`; `TOOL_TIMEOUT`.
 */
export async function installWithNixosAnywhere(options: InstallOptions): Promise<void> {
  const { target, system } = options;
  const ssh = await pinnedSsh(target);
  let step: InstallStep | undefined;
  try {
    const argv = ["--store-paths", system.diskoScript, system.toplevel]
      .concat(["--build-on", "local", "--phases", "disko,install"])
      .concat(["--extra-files", options.extraFiles, "-i", ssh.keyFile])
      .concat(
        Object.entries(options.diskKeys ?? {}).flatMap(([there, here]) => ["--disk-encryption-keys", there, here]),
      )
      .concat(["--ssh-port", String(target.port ?? 22)])
      .concat(["--target-host", `${target.user ?? "root"}@${target.host}`]);
    const output: string[] = [];
    const result = await runProcess("nixos-anywhere", argv, {
      env: ssh.env,
      deadlineMs: options.deadlineMs,
      signal: options.signal,
      doing: () => (step === undefined ? undefined : STEP_TEXT[step]),
      onLine: (line) => {
        const next = parseStep(line);
        if (next !== undefined && next !== step) {
          step = next;
          options.onStep?.(next);
        } else if (line.trim() !== "" && output.push(line) > 40) output.shift();
      },
    });
    if (result.code === 0) return;
    throw new FlintError("INSTALL_FAILED", {
      subject: target.name,
      expected: `nixos-anywhere to finish ${step === undefined ? "its first step" : `"${STEP_TEXT[step]}"`}`,
      found: `exit code ${result.code}: ${redact(output.slice(-4).join("; "))}`,
      remedy: "The machine is still in the installer: see its console, mend the cause, and run `pulumi up` again.",
    });
  } finally {
    await ssh.dispose();
  }
}
