import { subscribe } from "node:diagnostics_channel";
import { connect } from "node:net";

/** While the engine has no connection to this process, it is looked for this often. */
const EVERY_MS = 1_000;

/** The engine's connections to this process. */
const open = new Set<object>();

/** The engine's address, which the provider host is given as its last argument. Undefined in other processes. */
export function engineAddress(): string | undefined {
  const address = process.argv.at(-1) ?? "";
  return /^[\w.[\]:-]+:\d+$/.test(address) ? address : undefined;
}

/** Tells of each call that the engine makes, and of each of its connections that closes. */
export function watchCalls(called: (path: unknown) => void, closed: () => void): void {
  // The provider host answers the calls: they are visible here alone.
  subscribe("http2.server.stream.start", (message) => {
    called(field(field(message, "headers"), ":path"));
    const session = field(field(message, "stream"), "session");
    if (typeof session !== "object" || session === null || open.has(session)) return;
    if (!("once" in session) || typeof session.once !== "function") return;
    open.add(session);
    session.once("close", () => {
      open.delete(session);
      closed();
    });
  });
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/**
 * Calls `gone`, once, when the engine has no connection to this process and nobody listens at its address any more: it was
 * killed, and ends no provider then. That a connection closes says nothing alone: gRPC closes one that nobody uses, and opens
 * another.
 *
 * @param address Of the engine, as the provider host is told it: `127.0.0.1:40123`.
 * @param everyMs Milliseconds from one look to the next.
 */
export function watchEngine(address: string, gone: () => void, everyMs = EVERY_MS): void {
  const colon = address.lastIndexOf(":");
  const [host, port] = [address.slice(0, colon), Number(address.slice(colon + 1))];
  const look = () => {
    if (open.size > 0) return again();
    const probe = connect({ host, port, timeout: everyMs }).unref();
    probe.once("connect", () => probe.destroy());
    probe.once("timeout", () => probe.destroy());
    // Who is there and does not answer is busy: only a refusal says that nobody is.
    let isRefused = false;
    probe.once("error", (error: NodeJS.ErrnoException) => {
      isRefused = error.code === "ECONNREFUSED";
    });
    probe.once("close", () => (isRefused ? gone() : again()));
  };
  const again = () => {
    setTimeout(look, everyMs).unref();
  };
  look();
}
