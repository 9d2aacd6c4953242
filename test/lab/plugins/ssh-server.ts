import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { type Connection, Server, utils } from "ssh2";
import { toOpenssh } from "../../../lab/plugins/tls/openssh.js";

/** An ssh server on loopback that runs commands with the machine's own shell. */
export interface TestServer {
  port: number;
  /** The host key's line as in authorized_keys. */
  hostKey: string;
  connections(): number;
  close(): Promise<void>;
}

/** Lets in whoever has `password` or the key of `authorizedKey`; takes only the variables named in `acceptEnv`. */
export async function startServer(options: {
  password?: string;
  authorizedKey?: string;
  acceptEnv?: string[];
  /** Connections that are closed before a word is said. */
  refuseFirst?: number;
}): Promise<TestServer> {
  // Not ssh2's own generator: about one Ed25519 key in 200 of it cannot be read again.
  const host = toOpenssh(generateKeyPairSync("ed25519").privateKey);
  if (host === undefined) throw new Error("no OpenSSH form of an Ed25519 key");
  let count = 0;
  const server = new Server({ hostKeys: [host.privateKey] }, (client) => serveClient(client, options));
  const net = Reflect.get(server, "_srv");
  net.prependListener("connection", (socket: { destroy(): void }) => {
    count += 1;
    if (count <= (options.refuseFirst ?? 0)) socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: host.publicKey,
    connections: () => count,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function serveClient(client: Connection, options: { password?: string; authorizedKey?: string; acceptEnv?: string[] }) {
  client.on("error", () => {});
  client.on("authentication", (attempt) => {
    if (attempt.method === "password" && attempt.password === options.password) return attempt.accept();
    if (attempt.method === "publickey" && isAuthorized(attempt.key.data, options.authorizedKey))
      return attempt.accept();
    attempt.reject(["password", "publickey"]);
  });
  client.on("tcpip", (accept, _reject, { destIP, destPort }) => {
    const socket = connect(destPort, destIP);
    const channel = accept();
    socket.on("error", () => channel.close());
    channel.pipe(socket).pipe(channel);
  });
  client.on("session", (accept) => {
    const env: Record<string, string> = {};
    const session = accept();
    session.on("env", (take, reject, { key, val }) => {
      if (!options.acceptEnv?.includes(key)) return reject?.();
      env[key] = val;
      take?.();
    });
    session.on("exec", (take, _reject, { command }) => {
      const channel = take();
      const child = spawn("/bin/sh", ["-c", command], { env: { PATH: process.env.PATH, ...env } });
      channel.pipe(child.stdin);
      child.stdin.on("error", () => {});
      child.stdout.pipe(channel, { end: false });
      child.stderr.pipe(channel.stderr, { end: false });
      child.on("close", (code) => {
        channel.exit(code ?? 255);
        channel.end();
      });
    });
  });
}

function isAuthorized(presented: Buffer, authorizedKey: string | undefined): boolean {
  if (authorizedKey === undefined) return false;
  const key = utils.parseKey(authorizedKey);
  return !(key instanceof Error) && presented.equals(key.getPublicSSH());
}
