import { once } from "node:events";
import { connect } from "node:net";

/**
 * Whether something listens at the host and port of `url`. Sends nothing. The kernel answers, so that a service which hangs, or
 * whose certificate nobody trusts, listens, too.
 * @throws the signal's reason.
 */
export async function listens(
  url: string,
  { deadlineMs, signal }: { deadlineMs: number; signal: AbortSignal },
): Promise<boolean> {
  signal.throwIfAborted();
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 443) });
  // Stays attached: an error event without a listener would end the process.
  socket.on("error", () => {});
  try {
    await once(socket, "connect", { signal: AbortSignal.any([AbortSignal.timeout(deadlineMs), signal]) });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  } finally {
    socket.destroy();
  }
}
