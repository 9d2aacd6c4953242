import { FlintError } from "../../foundation/errors.js";
import { redact } from "../../foundation/redact.js";
import { toolMissing } from "../../foundation/tool-missing.js";
import { seconds } from "../../foundation/wait.js";

export interface ProcessOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Milliseconds until the whole process group is ended. */
  deadlineMs: number;
  signal?: AbortSignal;
  /** What it was about when the deadline came. Default: not told. */
  doing?: () => string | undefined;
  /** Each line of standard output or error, as it arrives. */
  onLine?: (line: string, stream: "stdout" | "stderr") => void;
}

export interface ProcessResult {
  code: number;
  stdout: string;
  /** Last 200 lines. */
  stderrTail: string[];
}

/** Our environment without Pulumi's own variables: the stack's passphrase and the backend's token are among them. */
function surroundings(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_")));
}

/**
 * Runs a program in a process group of its own, and ends the group (TERM, after 2 s KILL) at the deadline or on cancel:
 * nixos-anywhere and nix start ssh processes that would outlive them.
 * @throws FlintError `TOOL_MISSING` when the program is not on PATH, `TOOL_TIMEOUT` at the deadline; the signal's reason on cancel.
 */
export async function runProcess(command: string, argv: string[], options: ProcessOptions): Promise<ProcessResult> {
  const { execa } = await import("execa");
  options.signal?.throwIfAborted();
  const stderrTail: string[] = [];
  let stdout = "";
  const child = execa(command, argv, {
    env: { ...surroundings(), ...options.env },
    extendEnv: false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    detached: true,
    cleanup: false,
    stdin: "ignore",
    buffer: false,
    reject: false,
  });
  const endGroup = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // The group is gone already.
    }
  };
  let ended: "deadline" | "cancel" | undefined;
  let killTimer: NodeJS.Timeout | undefined;
  const end = (why: "deadline" | "cancel") => {
    ended ??= why;
    endGroup("SIGTERM");
    killTimer ??= setTimeout(() => {
      endGroup("SIGKILL");
      // A process that left the group may hold the output open for ever: nothing more of it is wanted.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, 2000);
  };
  const deadline = setTimeout(() => end("deadline"), options.deadlineMs);
  const onAbort = () => end("cancel");
  const onExit = () => endGroup("SIGKILL");
  options.signal?.addEventListener("abort", onAbort, { once: true });
  process.once("exit", onExit);
  const read = async (stream: "stdout" | "stderr") => {
    for await (const line of child.iterable({ from: stream })) {
      const text = String(line);
      if (stream === "stdout") stdout += `${text}\n`;
      else if (stderrTail.push(text) > 200) stderrTail.shift();
      options.onLine?.(text, stream);
    }
  };
  try {
    const [result] = await Promise.all([child, read("stdout").catch(() => {}), read("stderr").catch(() => {})]);
    if (ended === "cancel") throw options.signal?.reason ?? new Error("cancelled");
    if (ended === "deadline") {
      const last = redact(stderrTail.at(-1) ?? "no output");
      const doing = options.doing?.();
      throw new FlintError("TOOL_TIMEOUT", {
        subject: command,
        expected: `an end within ${seconds(options.deadlineMs)}`,
        found: doing === undefined ? last : `it at "${doing}", last line: ${last}`,
        remedy: "See what it was doing in the last line; raise the deadline in the stack file if the machine is slow.",
      });
    }
    if (result.code === "ENOENT") throw toolMissing(command);
    return { code: result.exitCode ?? 255, stdout, stderrTail };
  } finally {
    clearTimeout(deadline);
    clearTimeout(killTimer);
    if (ended !== undefined) endGroup("SIGKILL");
    options.signal?.removeEventListener("abort", onAbort);
    process.removeListener("exit", onExit);
  }
}
