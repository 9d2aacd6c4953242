import type { Client, ClientChannel } from "ssh2";
import { commandDeadline, commandFailed, commandNotStarted, connectionLost, outputTooLong } from "./command-errors.js";
import { announced, readAnnouncement } from "./hang-up.js";
import { lineSplitter } from "./lines.js";
import type { ExecOptions, SshTarget } from "./target.js";

/** What a command left behind, as bytes. */
export interface RawResult {
  code: number;
  stdout: Buffer;
  stderr: string;
}

/** One command on an open connection. */
export interface Command {
  target: SshTarget;
  /** Command line for the remote shell, quoted. */
  line: string;
  /** Short name for messages. */
  name: string;
  /** Milliseconds; undefined runs until it ends or is cancelled. */
  deadlineMs: number | undefined;
  /** False when only lines matter (a log that is followed for hours). Default true. */
  keepOutput?: boolean;
}

/** A command under way: its answer, and the moment its channel is free for another one, which is later after a cancel. */
export interface Running {
  result: Promise<RawResult>;
  released: Promise<void>;
}

/** More output than this means that something else was run than was meant. */
export const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const KEPT_STDERR_CHARS = 64 * 1024;
/** A process that ignores SIGHUP for this long keeps running; its channel is closed under it. */
const HANG_UP_MS = 5_000;

/** sshd frees a session some time after its channel has closed; until then it refuses one more, and nothing has begun. */
const RETRY_OPEN_MS = 100;
const OPEN_ATTEMPTS = 50;

/** SSH_OPEN_CONNECT_FAILED and SSH_OPEN_RESOURCE_SHORTAGE (RFC 4254, section 5.1). */
function isFull(error: Error & { reason?: unknown }): boolean {
  return error.reason === 2 || error.reason === 4;
}

/** Runs one command and collects what it says. The exit code is judged by `expectCode`. */
export function runCommand(
  client: Client,
  command: Command,
  options: Pick<ExecOptions, "stdin" | "onLine" | "signal">,
  hangUp: (group: number) => void,
): Running {
  const { signal } = options;
  const { deadlineMs } = command;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const result = new Promise<RawResult>((resolve, reject) => {
    let output: Output | undefined;
    let ended = false;
    const settle = (act: () => void) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      act();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    const giveUp = (error: unknown) =>
      settle(() => {
        output?.abandon(hangUp);
        // A host that neither opens nor closes a channel, and answers keepalives, does not keep the others from their turn.
        setTimeout(free, 2 * HANG_UP_MS).unref();
        reject(error);
      });
    const aborted = () => giveUp(signal?.reason);
    const free = () => {
      client.removeListener("close", disconnected);
      release();
    };
    const disconnected = () => {
      free();
      fail(connectionLost(command));
    };
    const finished = () => {
      free();
      output?.judge(resolve, fail);
      settle(() => {});
    };
    const timer =
      deadlineMs === undefined ? undefined : setTimeout(() => giveUp(commandDeadline(command, deadlineMs)), deadlineMs);
    if (signal?.aborted) {
      release();
      return aborted();
    }
    signal?.addEventListener("abort", aborted, { once: true });
    client.once("close", disconnected);
    const start = (attemptsLeft: number) => {
      client.exec(announced(command.line), (error, channel) => {
        if (error && !ended && attemptsLeft > 0 && isFull(error)) {
          setTimeout(attempt, RETRY_OPEN_MS, attemptsLeft - 1);
          return;
        }
        if (error) {
          free();
          return fail(commandNotStarted(command, error));
        }
        output = new Output(channel, command, options.onLine, giveUp);
        channel.on("close", finished);
        channel.end(options.stdin);
        if (ended) output.abandon(hangUp);
      });
    };
    const attempt = (attemptsLeft: number) => {
      if (ended) return free();
      try {
        start(attemptsLeft);
      } catch (error) {
        free(); // ssh2 throws "Not connected" when the socket is already gone
        fail(connectionLost(command, error));
      }
    };
    attempt(OPEN_ATTEMPTS);
  });
  return { result, released };
}

/** What arrives on one channel. */
class Output {
  readonly #channel: ClientChannel;
  readonly #command: Command;
  readonly #lines: ReturnType<typeof lineSplitter> | undefined;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #stderr = "";
  #group: number | undefined;
  #onGroup: ((group: number) => void) | undefined;
  #abandoned = false;
  #exit: { code: number } | { killedBy: string } | undefined;

  constructor(
    channel: ClientChannel,
    command: Command,
    onLine: ((line: string) => void) | undefined,
    giveUp: (error: unknown) => void,
  ) {
    this.#channel = channel;
    this.#command = command;
    this.#lines = onLine === undefined ? undefined : lineSplitter(onLine);
    channel.on("data", (chunk: Buffer) => this.#onData(chunk, giveUp));
    channel.stderr.setEncoding("utf8").on("data", (text: string) => this.#onStderr(text));
    // An error on the channel (EPIPE while writing input the command does not read) is followed by its close.
    channel.on("error", () => {});
    channel.on("exit", (code: number | null, signal?: string) => {
      this.#exit = code === null ? { killedBy: signal ?? "a signal" } : { code };
    });
  }

  /** Ends the remote process and ignores what it still says. */
  abandon(hangUp: (group: number) => void): void {
    this.#abandoned = true;
    if (this.#group === undefined) this.#onGroup = hangUp;
    else hangUp(this.#group);
    const timer = setTimeout(() => this.#channel.close(), HANG_UP_MS).unref();
    this.#channel.once("close", () => clearTimeout(timer));
  }

  judge(resolve: (result: RawResult) => void, reject: (error: unknown) => void): void {
    if (this.#abandoned) return;
    this.#lines?.end();
    const exit = this.#exit;
    if (exit === undefined) reject(connectionLost(this.#command));
    else if ("killedBy" in exit) reject(commandFailed(this.#command, `killed by ${exit.killedBy}`, this.#stderr));
    else resolve({ code: exit.code, stdout: Buffer.concat(this.#chunks), stderr: this.#stderr });
  }

  #onData(chunk: Buffer, giveUp: (error: unknown) => void): void {
    if (this.#abandoned) return;
    this.#lines?.push(chunk);
    if (this.#command.keepOutput === false) return;
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_OUTPUT_BYTES) giveUp(outputTooLong(this.#command, MAX_OUTPUT_BYTES));
    else this.#chunks.push(chunk);
  }

  #onStderr(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR_CHARS);
    if (this.#group !== undefined) return;
    const announcement = readAnnouncement(this.#stderr);
    if (announcement === undefined) return;
    this.#group = announcement.group;
    this.#stderr = announcement.rest;
    this.#onGroup?.(announcement.group);
  }
}

/** @throws FlintError `SSH_COMMAND` when the exit code is neither 0 nor one of `okCodes`. */
export function expectCode(command: Command, result: RawResult, okCodes: readonly number[] = []): RawResult {
  if (result.code === 0 || okCodes.includes(result.code)) return result;
  throw commandFailed(command, `exit code ${result.code}`, result.stderr);
}
