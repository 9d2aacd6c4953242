import type { LimitFunction } from "p-limit";
import { sessionCommands } from "../ssh/session-commands.js";
import { asRoot, refuseWithoutRoot, SUDO_CODES, WHO_AM_I } from "../ssh/sudo.js";
import type { ExecOptions, Following, FollowOptions, LocalTarget, SshSession } from "../ssh/target.js";
import { expectSuccess, type LocalCommand, type LocalResult, runLocally } from "./run.js";

/** As many as on an ssh connection: the machine is the same, whichever way it is reached. */
const MAX_COMMANDS = 6;
const DEFAULT_DEADLINE_MS = 60_000;

let limit: Promise<LimitFunction> | undefined;

/**
 * A session to the machine that Flint runs on: what `SshSession` promises, without ssh. Commands run as argument arrays,
 * as root: through sudo when Flint is not.
 * @throws FlintError `HOST_SUDO`.
 */
export async function openLocal(target: LocalTarget, signal?: AbortSignal): Promise<SshSession> {
  const session = sessionAs(target, process.getuid?.() !== 0);
  if (process.getuid?.() !== 0) {
    const own = signal === undefined ? {} : { signal };
    const answer = await session.exec(WHO_AM_I, { ...own, okCodes: SUDO_CODES, label: "sudo" });
    const { userInfo } = await import("node:os");
    refuseWithoutRoot(target.name, userInfo().username, answer);
  }
  return session;
}

function sessionAs(target: LocalTarget, sudo: boolean): SshSession {
  const run = async (argv: readonly string[], options: ExecOptions, label?: string): Promise<LocalResult> => {
    limit ??= import("p-limit").then(({ default: pLimit }) => pLimit(MAX_COMMANDS));
    const command: LocalCommand = {
      target,
      sudo,
      argv: asRoot(sudo, argv),
      name: label ?? options.label ?? argv[0] ?? "",
      deadlineMs: options.deadlineMs ?? DEFAULT_DEADLINE_MS,
    };
    const result = await (await limit)(() => runLocally(command, options));
    return expectSuccess(command, result, options.okCodes);
  };
  return {
    target,
    ...sessionCommands(run),
    follow: async (argv, options) => follow(target, sudo, argv, options),
    close: () => {},
  };
}

/** Not one of the few at a time: it may run for hours. */
function follow(target: LocalTarget, sudo: boolean, argv: readonly string[], options: FollowOptions): Following {
  options.signal?.throwIfAborted();
  const stop = new AbortController();
  const stopped = Symbol("stopped");
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
  const command: LocalCommand = {
    target,
    sudo,
    argv: asRoot(sudo, argv),
    name: options.label ?? argv[0] ?? "",
    deadlineMs: undefined,
    keepOutput: false,
  };
  const done = runLocally(command, { signal, onLine: options.onLine })
    .then((result) => void expectSuccess(command, result))
    .catch((error: unknown) => {
      if (error !== stopped) throw error;
    });
  done.catch(() => {}); // whoever awaits `done` still sees the error
  return { done, stop: () => stop.abort(stopped) };
}
