import ssh2, { type AuthContext, type Connection, type ServerChannel } from "ssh2";
import { announced } from "../../../drivers/ssh/hang-up.js";
import { readCommand } from "./command.js";
import type { ShellAnswer, ShellCall } from "./shell.js";

export interface SshOptions {
  address: string;
  /** Private key in OpenSSH form. */
  hostKey: string;
  /** Lines of authorized_keys, asked for at each login. */
  authorizedKeys: () => readonly string[];
  run: (call: ShellCall) => Promise<ShellAnswer>;
  /** Told of each command line, as the machine's shell was started with it. */
  onCommand?: (line: string) => void;
  /** What a connection does instead of being served. Default: nothing, it is served. */
  fault?: () => "reset" | "hang" | "half" | undefined;
}

export interface RunningSshd {
  /** Stops listening and drops every connection, as a power cut does. */
  stop(): void;
  /** Drops every connection and takes none, or listens again. */
  refuse(refuses: boolean): void;
}

/** An sshd on one address that lets its keys in and hands commands to the machine behind it. */
export function startSshd(options: SshOptions): Promise<RunningSshd> {
  const connections = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [options.hostKey] }, (connection) => {
    connections.add(connection);
    undelayed(connection);
    connection.on("close", () => connections.delete(connection));
    connection.on("error", () => {}); // a client that goes away in the middle
    const fault = options.fault?.();
    if (fault === "reset") {
      connection.end();
      return;
    }
    connection.on("authentication", (context) => decide(context, options.authorizedKeys()));
    connection.on("ready", () => serveSessions(connection, options, fault));
  });
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    let stopped = false;
    const close = () => {
      server.close();
      for (const connection of connections) connection.end();
    };
    server.listen(22, options.address, () =>
      resolve({
        stop() {
          stopped = true;
          close();
        },
        refuse(refuses) {
          if (refuses) close();
          else if (!stopped && server.address() === null) server.listen(22, options.address);
        },
      }),
    );
  });
}

/** As OpenSSH has it: small packets go out at once. The types do not know of the method. */
function undelayed(connection: Connection & { setNoDelay?(on: boolean): void }): void {
  connection.setNoDelay?.(true);
}

function decide(context: AuthContext, authorized: readonly string[]): void {
  if (isLetIn(context, authorized)) context.accept();
  else context.reject(["publickey"]);
}

function isLetIn(context: AuthContext, authorized: readonly string[]): boolean {
  if (context.method !== "publickey") return false;
  const offered = context.key.data;
  for (const line of authorized) {
    const key = ssh2.utils.parseKey(line);
    if (key instanceof Error || !key.getPublicSSH().equals(offered)) continue;
    // Without a signature it is only asked whether this key would do.
    const { blob, signature, hashAlgo } = context;
    return signature === undefined || blob === undefined || key.verify(blob, signature, hashAlgo) === true;
  }
  return false;
}

let processGroups = 1000;

function serveSessions(connection: Connection, options: SshOptions, fault: "hang" | "half" | undefined): void {
  const running = new Map<number, AbortController>();
  connection.on("close", () => {
    for (const each of running.values()) each.abort();
  });
  connection.on("session", (accept) => {
    const session = accept();
    session.on("exec", (acceptExec, _reject, { command }) => {
      const channel = acceptExec();
      options.onCommand?.(command);
      const hangUps = /^kill -s HUP -- (.*)$/.exec(command)?.[1];
      if (hangUps !== undefined) {
        for (const [, group] of hangUps.matchAll(/'-(\d+)'/g)) running.get(Number(group))?.abort();
        return end(channel, {});
      }
      const group = ++processGroups;
      const stop = new AbortController();
      running.set(group, stop);
      channel.on("close", () => running.delete(group));
      channel.on("error", () => {});
      if (command.startsWith(announced(""))) channel.stderr.write(`flint-process-group ${group}\n`);
      if (fault === "hang") return;
      void serve(channel, command, stop.signal, options).then((answer) => {
        if (fault === "half") connection.end();
        else end(channel, answer);
      });
    });
  });
}

async function serve(
  channel: ServerChannel,
  command: string,
  signal: AbortSignal,
  { run }: SshOptions,
): Promise<ShellAnswer> {
  const parts: Buffer[] = [];
  for await (const part of channel.stdin) parts.push(Buffer.from(part));
  const read = readCommand(command, Buffer.concat(parts));
  try {
    return await run({ ...read, signal, print: (text) => void channel.write(text) });
  } catch (error) {
    if (signal.aborted) return { code: 129 };
    return { code: 1, stderr: `${error instanceof Error ? error.message : String(error)}\n` };
  }
}

function end(channel: ServerChannel, { code = 0, stdout = "", stderr = "" }: ShellAnswer): void {
  if (!channel.writable) return;
  if (stderr !== "") channel.stderr.write(stderr);
  channel.write(stdout, () => {
    channel.exit(code);
    channel.end();
  });
}
