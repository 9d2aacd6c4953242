import type { HostTarget, SshSession } from "../../drivers/ssh/target.js";
import { FlintError, isFlintError } from "../../foundation/errors.js";
import { seconds, waitUntil } from "../../foundation/wait.js";

export interface Patience {
  /** Milliseconds for which a call is made again. */
  deadlineMs: number;
  say: (text: string) => void;
  signal: AbortSignal;
}

const AWAY = ["SSH_UNREACHABLE", "SSH_CONNECTION_LOST"];

/**
 * A session for calls that may be repeated: while the host is away, as in a restart, they wait for it and are made again.
 * @throws FlintError `SSH_UNREACHABLE`, `SSH_CONNECTION_LOST` with call and time when it does not come back.
 */
export function patientSession(target: HostTarget, connect: () => Promise<SshSession>, patience: Patience): SshSession {
  const again = async <T>(what: string, call: (session: SshSession) => Promise<T>): Promise<T> => {
    const { deadlineMs, say, signal } = patience;
    let away: FlintError | undefined;
    const attempt = async () => {
      try {
        return { answer: await call(await connect()) };
      } catch (error) {
        signal.throwIfAborted();
        if (!isFlintError(error) || !AWAY.includes(error.code)) throw error;
        away = error;
        say(`${target.name} does not answer: waiting for it`);
        return undefined;
      }
    };
    const pauses = { intervalMs: 500, maxIntervalMs: 3_000 };
    // A call that has begun has its own deadline, which may be long.
    const wait = { reason: what, deadlineMs, lastLookMs: Number.POSITIVE_INFINITY, ...pauses, remedy: "", signal };
    const done = await waitUntil(attempt, wait).catch((error: unknown) => {
      if (away === undefined || !isFlintError(error, "WAIT_TIMEOUT")) throw error;
      throw new FlintError(away.code, {
        subject: `${target.name}, ${what}`,
        expected: `an answer within ${seconds(deadlineMs)}`,
        found: away.found,
        remedy: away.remedy,
        cause: away,
      });
    });
    return done.answer;
  };
  return {
    target,
    exec: (argv, options) => again(options?.label ?? argv[0] ?? "", (session) => session.exec(argv, options)),
    script: (text, args, options) =>
      again(options?.label ?? "script", (session) => session.script(text, args, options)),
    writeFile: (path, content, mode) => again(`writing ${path}`, (session) => session.writeFile(path, content, mode)),
    writeFiles: (files, instead) =>
      again(`writing ${files.map(({ path }) => path).join(", ")}`, (session) => session.writeFiles(files, instead)),
    readFile: (path) => again(`reading ${path}`, (session) => session.readFile(path)),
    readFiles: (paths) => again(`reading ${paths.join(", ")}`, (session) => session.readFiles(paths)),
    // Whoever follows begins again by himself.
    follow: async (argv, options) => (await connect()).follow(argv, options),
    close: () => {},
  };
}
