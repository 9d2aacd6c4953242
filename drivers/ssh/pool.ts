import { createHash } from "node:crypto";
import type { ConnectOptions } from "./connect.js";
import { addressOf } from "./place.js";
import { type OpenSession, openSsh } from "./session.js";
import type { SshSession, SshTarget } from "./target.js";

/** Connections without a command for this long are closed, so that the process can end. */
const IDLE_MS = 60_000;

interface Connection {
  session: Promise<OpenSession>;
  /** The session once it is there. */
  open?: OpenSession;
  busy: number;
  idle?: NodeJS.Timeout;
}

/** Shares one connection per host, user and keys among everything in this process. */
export class SshPool {
  readonly #connections = new Map<string, Connection>();
  readonly #idleMs: number;

  constructor(options: { idleMs?: number } = {}) {
    this.#idleMs = options.idleMs ?? IDLE_MS;
  }

  /**
   * A session that may be kept: it connects again when its connection broke or was closed for idleness. A command that
   * was running when a connection broke fails; only the caller knows whether it may be repeated. Its `close` does nothing.
   * @throws like `openSsh`, when there is no connection yet and none can be made.
   */
  async get(target: SshTarget, options: ConnectOptions = {}): Promise<SshSession> {
    await this.#use(target, options, async () => {});
    const use = <T>(signal: AbortSignal | undefined, work: (session: SshSession) => Promise<T>): Promise<T> =>
      this.#use(target, signal === undefined ? {} : { signal }, work);
    return {
      target,
      exec: (argv, o) => use(o?.signal, (session) => session.exec(argv, o)),
      script: (text, args, o) => use(o?.signal, (session) => session.script(text, args, o)),
      writeFile: (path, content, mode) => use(undefined, (session) => session.writeFile(path, content, mode)),
      writeFiles: (files, instead) => use(undefined, (session) => session.writeFiles(files, instead)),
      readFile: (path) => use(undefined, (session) => session.readFile(path)),
      readFiles: (paths) => use(undefined, (session) => session.readFiles(paths)),
      follow: (argv, o) => use(o.signal, (session) => session.follow(argv, o)),
      close: () => {},
    };
  }

  /** Closes every connection. The pool stays usable. */
  close(): void {
    for (const [key, connection] of this.#connections) this.#drop(key, connection);
  }

  async #use<T>(target: SshTarget, options: ConnectOptions, work: (session: OpenSession) => Promise<T>): Promise<T> {
    const key = keyOf(target);
    const connection = this.#connectionTo(key, target, options.deadlineMs);
    clearTimeout(connection.idle);
    connection.busy += 1;
    try {
      return await work(await abortable(connection.session, options.signal));
    } finally {
      connection.busy -= 1;
      if (connection.busy === 0) connection.idle = setTimeout(() => this.#drop(key, connection), this.#idleMs).unref();
    }
  }

  /** Without the caller's signal: others may be waiting for the same connection. */
  #connectionTo(key: string, target: SshTarget, deadlineMs: number | undefined): Connection {
    const known = this.#connections.get(key);
    if (known !== undefined && known.open?.closed !== true) return known;
    if (known !== undefined) this.#drop(key, known);
    const connection: Connection = {
      session: openSsh(target, deadlineMs === undefined ? {} : { deadlineMs }),
      busy: 0,
    };
    this.#connections.set(key, connection);
    connection.session.then(
      (session) => {
        connection.open = session;
      },
      () => this.#drop(key, connection), // the next one tries again
    );
    return connection;
  }

  #drop(key: string, connection: Connection): void {
    clearTimeout(connection.idle);
    if (this.#connections.get(key) === connection) this.#connections.delete(key);
    connection.session.then((session) => session.close()).catch(() => {});
  }
}

/** The promise's answer, or the signal's reason if that comes first. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  let aborted = () => {};
  const abort = new Promise<never>((_, reject) => {
    aborted = () => reject(signal.reason);
    signal.addEventListener("abort", aborted, { once: true });
  });
  return Promise.race([promise, abort]).finally(() => signal.removeEventListener("abort", aborted));
}

/** Everything that makes two targets the same connection. Keys are hashed: they are secrets, and long. */
function keyOf(target: SshTarget): string {
  const keys = createHash("sha256")
    .update(JSON.stringify([target.privateKey, target.hostKeys]))
    .digest("hex");
  return `${addressOf(target)} ${keys}${target.jump === undefined ? "" : ` via ${keyOf(target.jump)}`}`;
}
