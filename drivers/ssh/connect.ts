import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Client, ServerHostKeyAlgorithm } from "ssh2";
import { FlintError, messageFrom } from "../../foundation/errors.js";
import { seconds } from "../../foundation/wait.js";
import { fingerprint, hostKeyAlgorithms, pinnedKeys } from "./host-key.js";
import { addressOf, portOf, userOf } from "./place.js";
import type { SshTarget } from "./target.js";

export interface ConnectOptions {
  /** Milliseconds until the login must be done, jump hosts included. Default 20000. */
  deadlineMs?: number;
  /** Milliseconds until the host must have accepted the connection, without a jump host. Default: `deadlineMs`. */
  connectMs?: number;
  signal?: AbortSignal;
}

/** How a host answered a login: what a caller that waits for it decides by. */
export type SshAnswer = "refused" | "timeout" | "wrong-host-key" | "auth-failed" | "ready";

/** A login that failed, with the answer that it amounts to. */
export interface FailedLogin {
  answer: Exclude<SshAnswer, "ready">;
  error: FlintError;
}

export type Login = { client: Client } | FailedLogin;

/** A machine that is powered off or rebooting is noticed after three of these. */
const KEEPALIVE_MS = 10_000;
const DEFAULT_DEADLINE_MS = 20_000;

/** Loaded at the first login: a preview that reaches no host does not pay for it. */
const ssh2 = async () => (await import("ssh2")).default;

/**
 * Connects and logs in. Failures that say something of the host are returned, so that a probe can tell them apart.
 * @throws FlintError `SSH_KEY` or `SSH_HOST_KEY_UNKNOWN` for a target that could never work, and the signal's reason.
 */
export async function login(target: SshTarget, options: ConnectOptions = {}): Promise<Login> {
  options.signal?.throwIfAborted();
  const started = performance.now();
  const deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;
  const keys = pinnedKeys(target);
  if ((await ssh2()).utils.parseKey(target.privateKey) instanceof Error) throw badLoginKey(target);
  if (target.jump === undefined) return straight(target, keys, deadlineMs, options);

  const jump = await login(target.jump, options);
  if ("error" in jump) return jump;
  const left = Math.max(1, deadlineMs - (performance.now() - started));
  const tunnel = await forward(jump.client, target, left).catch((error: unknown) => {
    jump.client.end();
    return noWay(target, target.jump?.name ?? "", error);
  });
  if ("error" in tunnel) return tunnel;
  const through = await handshake(target, keys, left, options.signal, tunnel).catch((reason: unknown) => {
    jump.client.end();
    throw reason;
  });
  if ("error" in through) jump.client.end();
  else through.client.once("close", () => jump.client.end());
  return through;
}

/**
 * Whether a machine listens is asked before ssh is made ready for it: one that boots is asked twice a second, and hundreds do at
 * once.
 */
async function straight(
  target: SshTarget,
  keys: ReturnType<typeof pinnedKeys>,
  deadlineMs: number,
  { connectMs, signal }: ConnectOptions,
): Promise<Login> {
  const started = performance.now();
  const socket = await connected(target, Math.min(connectMs ?? deadlineMs, deadlineMs), signal);
  if ("error" in socket) return socket;
  return handshake(target, keys, Math.max(1, deadlineMs - (performance.now() - started)), signal, socket);
}

/** A TCP connection, its packets undelayed: a command is a dozen small ones, and each would wait a quarter of a second. */
function connected(
  target: SshTarget,
  withinMs: number,
  signal: AbortSignal | undefined,
): Promise<Socket | FailedLogin> {
  const socket = connect({ host: target.host, port: portOf(target), noDelay: true });
  return new Promise((resolve, reject) => {
    let settled = false;
    const settle = (act: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      act();
    };
    const fail = (failure: FailedLogin) =>
      settle(() => {
        socket.destroy();
        resolve(failure);
      });
    const aborted = () =>
      settle(() => {
        socket.destroy();
        reject(signal?.reason);
      });
    const timer = setTimeout(
      () => fail(unreachable(target, `no connection within ${seconds(withinMs)}`, "timeout")),
      withinMs,
    );
    signal?.addEventListener("abort", aborted, { once: true });
    // Stays attached: an error event without a listener would end the process.
    socket.on("error", (error) => fail(failureOf(target, error, undefined)));
    socket.once("connect", () => settle(() => resolve(socket)));
  });
}

function forward(jump: Client, target: SshTarget, deadlineMs: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer after ${seconds(deadlineMs)}`)), deadlineMs);
    jump.forwardOut("127.0.0.1", 0, target.host, portOf(target), (error, channel) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve(channel);
    });
  });
}

async function handshake(
  target: SshTarget,
  keys: ReturnType<typeof pinnedKeys>,
  deadlineMs: number,
  signal: AbortSignal | undefined,
  sock: Duplex,
): Promise<Login> {
  const client = new (await ssh2()).Client();
  let shown: Buffer | undefined;

  return new Promise<Login>((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      act();
    };
    const fail = (failure: FailedLogin) =>
      settle(() => {
        client.destroy();
        resolve(failure);
      });
    const aborted = () =>
      settle(() => {
        client.destroy();
        reject(signal?.reason);
      });
    const timer = setTimeout(
      () => fail(unreachable(target, `no login within ${seconds(deadlineMs)}`, "timeout")),
      deadlineMs,
    );
    signal?.addEventListener("abort", aborted, { once: true });

    client.once("ready", () => settle(() => resolve({ client })));
    client.once("close", () => fail(unreachable(target, "a connection closed during the handshake", "refused")));
    // Stays attached: an error event without a listener would end the process.
    client.on("error", (error) => fail(failureOf(target, error, shown)));
    client.connect({
      sock,
      username: userOf(target),
      privateKey: target.privateKey,
      authHandler: ["publickey"],
      algorithms: { serverHostKey: hostKeyAlgorithms(keys) as ServerHostKeyAlgorithm[] },
      hostVerifier: (key: Buffer) => {
        shown = key;
        return keys.some(({ blob }) => blob.equals(key));
      },
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: 3,
      readyTimeout: 0,
    });
  });
}

/** What ssh2 says besides the message: `level` names the layer, `code` the errno. */
type ConnectionError = Error & { level?: string; code?: string };

const NO_ANSWER = ["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN"];

function failureOf(target: SshTarget, error: ConnectionError, shown: Buffer | undefined): FailedLogin {
  if (shown !== undefined && !pinnedKeys(target).some(({ blob }) => blob.equals(shown)))
    return { answer: "wrong-host-key", error: wrongHostKey(target, shown) };
  if (error.level === "client-authentication") return { answer: "auth-failed", error: notLetIn(target, error) };
  if (error.code === "ECONNREFUSED") return unreachable(target, "connection refused", "refused", error);
  if (error.code !== undefined && NO_ANSWER.includes(error.code))
    return unreachable(target, `no answer (${error.code})`, "timeout", error);
  return unreachable(target, messageFrom(error), "refused", error);
}

function unreachable(target: SshTarget, found: string, answer: FailedLogin["answer"], cause?: unknown): FailedLogin {
  return {
    answer,
    error: new FlintError("SSH_UNREACHABLE", {
      subject: target.name,
      expected: `ssh at ${addressOf(target)}`,
      found,
      remedy: `Check that ${target.name} is up, that ${target.host} is its address, and that nothing blocks port ${portOf(target)}.`,
      cause,
    }),
  };
}

/** RFC 4254, section 5.1: what sshd answers where AllowTcpForwarding, PermitOpen or the login key's options forbid it. */
const ADMINISTRATIVELY_PROHIBITED = 1;

function noWay(target: SshTarget, jump: string, cause: unknown): FailedLogin {
  const prohibited = cause instanceof Error && Reflect.get(cause, "reason") === ADMINISTRATIVELY_PROHIBITED;
  if (!prohibited) return unreachable(target, `no way there from ${jump}: ${messageFrom(cause)}`, "refused", cause);
  const to = `${target.host}:${portOf(target)}`;
  return {
    answer: "refused",
    error: new FlintError("SSH_UNREACHABLE", {
      subject: target.name,
      expected: `ssh at ${addressOf(target)}`,
      found: `that ${jump} does not let connections through to it`,
      remedy: `Allow it in sshd_config there (\`AllowTcpForwarding local\`, and ${to} where \`PermitOpen\` is set), and in the options of the login key.`,
      cause,
    }),
  };
}

function wrongHostKey(target: SshTarget, shown: Buffer): FlintError {
  return new FlintError("SSH_HOST_KEY", {
    subject: `${target.name}, host key at ${target.host}:${portOf(target)}`,
    expected: pinnedKeys(target)
      .map(({ blob }) => fingerprint(blob))
      .join(" or "),
    found: fingerprint(shown),
    remedy: `Another machine answers at this address, or ${target.name} was reinstalled by someone else. Nothing was sent to it.`,
  });
}

function notLetIn(target: SshTarget, cause: unknown): FlintError {
  return new FlintError("SSH_AUTH", {
    subject: target.name,
    expected: `the login key to be accepted for ${addressOf(target)}`,
    found: "a refusal",
    remedy: `Add the key's public half to ~${userOf(target)}/.ssh/authorized_keys on ${target.name}.`,
    cause,
  });
}

function badLoginKey(target: SshTarget): FlintError {
  // The parser's own message is left out: it may quote the key.
  return new FlintError("SSH_KEY", {
    subject: `${target.name}, login key`,
    expected: "an unencrypted private key in OpenSSH or PEM form",
    found: "something that cannot be read as one",
    remedy: "Check which file the key comes from. A key with a passphrase must be decrypted first (ssh-keygen -p).",
  });
}
