import { type ChildProcess, spawn } from "node:child_process";
import { messageFrom } from "../../foundation/errors.js";
import { commandDeadline, commandFailed, outputTooLong } from "../ssh/command-errors.js";
import { lineSplitter } from "../ssh/lines.js";
import { SUDO } from "../ssh/sudo.js";
import type { ExecOptions, LocalTarget } from "../ssh/target.js";

/** One command on this machine. */
export interface LocalCommand {
  target: LocalTarget;
  argv: readonly string[];
  /** It runs through sudo, and is ended through it. */
  sudo: boolean;
  /** Short name for messages. */
  name: string;
  /** Milliseconds; undefined runs until it ends or is cancelled. */
  deadlineMs: number | undefined;
  /** False when only lines matter. Default true. */
  keepOutput?: boolean;
}

export interface LocalResult {
  code: number;
  /** Set when a signal ended it. */
  killedBy?: string;
  stdout: Buffer;
  stderr: string;
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const KEPT_STDERR_CHARS = 64 * 1024;
/** A process that ignores SIGHUP for this long keeps running; its pipes are closed under it. */
const HANG_UP_MS = 5_000;
/** Where an account's own PATH may lack them. */
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Runs one command and collects what it says. As on a connection, it is the leader of a process group, sees nothing of
 * Flint's own environment (which holds the stack's passphrase), and gets SIGHUP when it is given up.
 */
export function runLocally(
  command: LocalCommand,
  { stdin, signal, onLine }: Pick<ExecOptions, "stdin" | "signal" | "onLine">,
): Promise<LocalResult> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const [program = "", ...args] = command.argv;
    const env = { PATH: `${process.env.PATH ?? ""}:${SYSTEM_PATH}`, LC_ALL: "C" };
    const child = spawn(program, args, { cwd: "/", env, detached: true, stdio: "pipe" });
    const chunks: Buffer[] = [];
    let bytes = 0;
    let stderr = "";
    const lines = onLine === undefined ? undefined : lineSplitter(onLine);
    let ended = false;
    const settle = (act: () => void) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      act();
    };
    const giveUp = (error: unknown) =>
      settle(() => {
        hangUp(child, command.sudo);
        reject(error);
      });
    const aborted = () => giveUp(signal?.reason);
    const { deadlineMs } = command;
    const timer =
      deadlineMs === undefined ? undefined : setTimeout(() => giveUp(commandDeadline(command, deadlineMs)), deadlineMs);
    signal?.addEventListener("abort", aborted, { once: true });

    child.once("error", (error) => settle(() => reject(commandFailed(command, messageFrom(error), ""))));
    child.stdout.on("data", (chunk: Buffer) => {
      if (ended) return;
      lines?.push(chunk);
      if (command.keepOutput === false) return;
      bytes += chunk.length;
      if (bytes > MAX_OUTPUT_BYTES) giveUp(outputTooLong(command, MAX_OUTPUT_BYTES));
      else chunks.push(chunk);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-KEPT_STDERR_CHARS);
    });
    child.once("close", (code, killedBy) =>
      settle(() => {
        lines?.end();
        const stdout = Buffer.concat(chunks);
        resolve({ code: code ?? -1, ...(killedBy === null ? {} : { killedBy }), stdout, stderr });
      }),
    );
    child.stdin.on("error", () => {}); // a command need not read its input
    child.stdin.end(stdin);
  });
}

/** Ends a process group. What runs through sudo is root's: only sudo may signal it, and hands the signal on. */
function hangUp(child: ChildProcess, sudo: boolean): void {
  const { pid } = child;
  if (pid === undefined) return;
  if (sudo) {
    const [program, ...args] = SUDO;
    const kill = spawn(program, [...args, "kill", "-s", "HUP", "--", `-${pid}`], { stdio: "ignore" });
    kill.on("error", () => {}); // sudo was there a moment ago
  } else {
    try {
      process.kill(-pid, "SIGHUP");
    } catch {
      // it has just ended
    }
  }
  setTimeout(() => {
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy();
    child.unref();
  }, HANG_UP_MS).unref();
}

/** @throws FlintError `SSH_COMMAND` when the exit code is neither 0 nor one of `okCodes`. */
export function expectSuccess(command: LocalCommand, result: LocalResult, okCodes: readonly number[] = []) {
  const { code, killedBy, stderr } = result;
  if (killedBy !== undefined) throw commandFailed(command, `killed by ${killedBy.replace("SIG", "")}`, stderr);
  if (code === 0 || okCodes.includes(code)) return result;
  throw commandFailed(command, `exit code ${code}`, stderr);
}
