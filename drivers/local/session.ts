import type { LimitFunction } from "p-limit";
import { parseFiles, READ_FILE, READ_FILES, scriptInput, WRITE_FILE, writeFilesCommand } from "../ssh/file-scripts.js";
import { asRoot, refuseWithoutRoot, SUDO_CODES, WHO_AM_I } from "../ssh/sudo.js";
import type { ExecOptions, ExecResult, Following, FollowOptions, LocalTarget, SshSession } from "../ssh/target.js";
import { expectSuccess, type LocalCommand, type LocalResult, runLocally } from "./run.js";

/** As many as on an ssh connection: the machine is the same, whichever way it is reached. */
const MAX_COMMANDS = 6;
const DEFAULT_DEADLINE_MS = 60_000;
const MISSING_FILE = 44;

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
    exec: async (argv, options = {}) => textOf(await run(argv, options)),
    script: async (text, args = [], options = {}) =>
      textOf(
        await run(["sh", "-s", "--", ...args], { ...options, stdin: scriptInput(text) }, options.label ?? "script"),
      ),
    async writeFile(path, content, mode = 0o644) {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      const argv = ["sh", "-c", WRITE_FILE, "sh", path, mode.toString(8), String(bytes.length)];
      await run(argv, { stdin: bytes }, `writing ${path}`);
    },
    async writeFiles(files, instead = []) {
      const { argv, stdin, label } = writeFilesCommand(files, instead);
      await run(argv, { stdin }, label);
    },
    async readFile(path) {
      const argv = ["sh", "-c", READ_FILE, "sh", path, String(MISSING_FILE)];
      const result = await run(argv, { okCodes: [MISSING_FILE] }, `reading ${path}`);
      return result.code === MISSING_FILE ? undefined : result.stdout;
    },
    async readFiles(paths) {
      const { stdout } = await run(["sh", "-c", READ_FILES, "sh", ...paths], {}, `reading ${paths.join(", ")}`);
      return parseFiles(stdout.toString("latin1"), paths.length);
    },
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

function textOf({ code, stdout, stderr }: LocalResult): ExecResult {
  return { code, stdout: stdout.toString("utf8"), stderr };
}
