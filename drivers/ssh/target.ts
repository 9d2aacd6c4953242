import type { WrittenFile } from "./file-scripts.js";

/** A host that Flint reaches by ssh, with everything needed to trust it and to be let in. */
export interface SshTarget {
  /** Name for messages: "node01", "provisioning host". */
  name: string;
  host: string;
  /** Default 22. */
  port?: number;
  /** Default root. */
  user?: string;
  /** Commands and files go through sudo, which must not ask for a password. Default false. */
  sudo?: boolean;
  /** Private key, OpenSSH or PEM. */
  privateKey: string;
  /** The host's public key(s), OpenSSH one-line form (`ssh-ed25519 AAAA… comment`). One of them must be shown by the host. */
  hostKeys: string[];
  /** Another host to go through. */
  jump?: SshTarget;
}

/** The machine that Flint itself runs on, in the place of one that is reached by ssh. */
export interface LocalTarget {
  /** Name for messages. */
  name: string;
  local: true;
}

/** Where a provisioning host is. */
export type HostTarget = SshTarget | LocalTarget;

export function isLocal(target: HostTarget): target is LocalTarget {
  return "local" in target;
}

export interface ExecOptions {
  /** Written to the command's standard input, then closed. */
  stdin?: string | Buffer;
  /** Milliseconds until the command is given up (the channel is closed, the remote process gets SIGHUP). Default 60000. */
  deadlineMs?: number;
  /** Exit codes other than 0 that are answers, not failures. */
  okCodes?: number[];
  /** Called with each complete line of standard output as it arrives. */
  onLine?: (line: string) => void;
  /** What runs, for messages ("reload of dnsmasq"). Default: the command's name. Never shown to the remote side. */
  label?: string;
  signal?: AbortSignal;
}

export interface FollowOptions {
  /** Called with each complete line of standard output as it arrives. */
  onLine: (line: string) => void;
  /** As in ExecOptions. */
  label?: string;
  /** Ends the command; `done` then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** A command that runs until it is stopped. */
export interface Following {
  /** Resolves after `stop` or when the command ends with 0. @throws FlintError like `exec`; ignoring it is fine. */
  readonly done: Promise<void>;
  /** Ends the remote process and the connection that carries it. */
  stop(): void;
}

export interface ExecResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** One authenticated connection, or the machine itself. Commands run concurrently over it. */
export interface SshSession {
  readonly target: HostTarget;
  /**
   * Runs an argument array: each argument is quoted for the remote shell. At most 6 run at a time, the others wait.
   * @throws FlintError `SSH_COMMAND` with the command's name, exit code and last lines of stderr (redacted).
   */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /**
   * Runs a POSIX shell script given on standard input of `sh -s -- args…`; nothing of it appears in the process list.
   * The shell reads all of it before it runs any; its commands have no standard input.
   */
  script(text: string, args?: readonly string[], options?: Omit<ExecOptions, "stdin">): Promise<ExecResult>;
  /** Writes a file atomically: temporary name in the same directory, mode, fsync, rename. Creates parent directories (0755). */
  writeFile(path: string, content: string | Buffer, mode?: number): Promise<void>;
  /**
   * Writes files with one command, each as `writeFile` does and in this order, but those that have this content already.
   * @param instead Paths that are removed before, with everything below them.
   */
  writeFiles(files: readonly WrittenFile[], instead?: readonly string[]): Promise<void>;
  /** The file's content, or undefined when it does not exist. */
  readFile(path: string): Promise<Buffer | undefined>;
  /** The same for several, with one command; in their order. */
  readFiles(paths: readonly string[]): Promise<(Buffer | undefined)[]>;
  /** Starts a command that runs for as long as it is wanted (`tail -F`), over a connection of its own. No deadline. */
  follow(argv: readonly string[], options: FollowOptions): Promise<Following>;
  close(): void;
}
