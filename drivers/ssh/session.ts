import type { Client } from "ssh2";
import { type Command, expectCode, type RawResult, runCommand } from "./channel.js";
import { type ConnectOptions, login } from "./connect.js";
import { hangUpOn } from "./hang-up.js";
import { userOf } from "./place.js";
import { commandLine } from "./quote.js";
import { sessionCommands } from "./session-commands.js";
import { asRoot, refuseWithoutRoot, SUDO_CODES, WHO_AM_I } from "./sudo.js";
import type { ExecOptions, Following, FollowOptions, SshSession, SshTarget } from "./target.js";

/** A session that knows when its connection has ended. */
export interface OpenSession extends SshSession {
  readonly closed: boolean;
  /** Closes the connection without waiting for the host's own end of it, which one that has gone silent never says. */
  destroy(): void;
}

/**
 * OpenSSH refuses an eleventh session on one connection (MaxSessions 10), and frees one a little after its channel has
 * closed. The others wait for their turn.
 */
const MAX_CHANNELS = 6;
const DEFAULT_DEADLINE_MS = 60_000;

/**
 * Connects, checks the host's key against the pinned ones before anything is sent, and logs in with the target's key.
 * With `sudo`, whether that works is asked before anything else.
 * @throws FlintError `SSH_UNREACHABLE`, `SSH_HOST_KEY`, `SSH_AUTH`, `SSH_KEY`, `SSH_HOST_KEY_UNKNOWN` or `HOST_SUDO`.
 */
export async function openSsh(target: SshTarget, options: ConnectOptions = {}): Promise<OpenSession> {
  const [{ default: pLimit }, attempt] = await Promise.all([import("p-limit"), login(target, options)]);
  if ("error" in attempt) throw attempt.error;
  const session = sessionOn(attempt.client, target, pLimit(MAX_CHANNELS));
  if (target.sudo === true) await becomesRoot(session, target, options.signal);
  return session;
}

async function becomesRoot(session: OpenSession, target: SshTarget, signal: AbortSignal | undefined): Promise<void> {
  try {
    const own = signal === undefined ? {} : { signal };
    const answer = await session.exec(WHO_AM_I, { ...own, okCodes: SUDO_CODES, label: "sudo" });
    refuseWithoutRoot(target.name, userOf(target), answer);
  } catch (error) {
    session.destroy();
    throw error;
  }
}

type Limit = <T>(work: () => Promise<T>) => Promise<T>;

function sessionOn(client: Client, target: SshTarget, limit: Limit): OpenSession {
  const hangUp = hangUpOn(client, target.sudo);
  let closed = false;
  client.once("close", () => {
    closed = true;
  });

  const run = async (argv: readonly string[], options: ExecOptions, label?: string): Promise<RawResult> => {
    const command = commandOf(target, argv, options.deadlineMs ?? DEFAULT_DEADLINE_MS, label ?? options.label);
    const result = await new Promise<RawResult>((resolve, reject) => {
      void limit(() => {
        const running = runCommand(client, command, options, hangUp);
        running.result.then(resolve, reject);
        return running.released;
      });
    });
    return expectCode(command, result, options.okCodes);
  };

  return {
    target,
    get closed() {
      return closed;
    },
    ...sessionCommands(run),
    follow: (argv, options) => follow(target, argv, options),
    close() {
      closed = true;
      client.end();
    },
    destroy() {
      client.destroy();
    },
  };
}

/** On a connection of its own, because a command that runs for hours would take a channel from the others. */
async function follow(target: SshTarget, argv: readonly string[], options: FollowOptions): Promise<Following> {
  const attempt = await login(target, options.signal === undefined ? {} : { signal: options.signal });
  if ("error" in attempt) throw attempt.error;
  const { client } = attempt;
  const stop = new AbortController();
  const stopped = Symbol("stopped");
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
  const command = { ...commandOf(target, argv, undefined, options.label), keepOutput: false };
  const running = runCommand(client, command, { signal, onLine: options.onLine }, hangUpOn(client, target.sudo));
  running.released.finally(() => client.end());
  const done = running.result
    .then((result) => void expectCode(command, result))
    .catch((error: unknown) => {
      if (error !== stopped) throw error;
    });
  done.catch(() => {}); // whoever awaits `done` still sees the error
  return { done, stop: () => stop.abort(stopped) };
}

function commandOf(
  target: SshTarget,
  argv: readonly string[],
  deadlineMs: number | undefined,
  label?: string,
): Command {
  return { target, line: commandLine(asRoot(target.sudo, argv)), name: label ?? argv[0] ?? "", deadlineMs };
}
