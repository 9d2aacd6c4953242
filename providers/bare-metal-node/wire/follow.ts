import type { SshSession } from "../../../drivers/ssh/target.js";
import type { WireEvent } from "./parse-wire.js";
import { WireReader } from "./wire-reader.js";

/** Follows the boot servers' logs below $1 and, once a second, the bytes acknowledged on connections of port $2. */
export const FOLLOW_SCRIPT = `
tail -n 0 -q -F "$1/log/dnsmasq.log" "$1/log/http.log" 2>/dev/null &
tail=$!
trap 'kill $tail 2>/dev/null' EXIT HUP PIPE TERM
while sleep 1; do
  ss -tinHO "sport = :$2" | sed 's/^/ss /' || exit
  echo tick || exit
done
`;

type Listener = (event: WireEvent) => void;

interface Follower {
  listeners: Set<Listener>;
  stop: AbortController;
}

/** One follower per provisioning host and cluster, shared by all nodes that boot: an ssh connection has few channels. */
const followers = new Map<string, Follower>();

/**
 * Calls `listener` with every event on the wire until the returned function is called.
 * A follower that breaks off (host restarted) starts again as long as somebody listens.
 */
export function followWire(
  session: () => Promise<SshSession>,
  pxe: { root: string; httpUrl: string },
  key: string,
  listener: Listener,
): () => void {
  let follower = followers.get(key);
  if (follower === undefined) {
    follower = { listeners: new Set(), stop: new AbortController() };
    followers.set(key, follower);
    void run(session, [pxe.root, new URL(pxe.httpUrl).port || "80"], follower);
  }
  const mine = follower;
  mine.listeners.add(listener);
  return () => {
    mine.listeners.delete(listener);
    if (mine.listeners.size > 0) return;
    mine.stop.abort();
    if (followers.get(key) === mine) followers.delete(key);
  };
}

async function run(session: () => Promise<SshSession>, args: string[], follower: Follower): Promise<void> {
  while (!follower.stop.signal.aborted) {
    try {
      const host = await session();
      const reader = new WireReader();
      const following = await host.follow(["sh", "-c", FOLLOW_SCRIPT, "follow-wire", ...args], {
        label: "following the boot servers' logs",
        signal: follower.stop.signal,
        onLine: (line) => {
          const event = line === "tick" ? undefined : reader.read(line);
          if (event) for (const listener of follower.listeners) listener(event);
        },
      });
      await following.done;
    } catch {
      // The reason shows where the host is used directly; progress alone is not worth failing for.
    }
    if (!follower.stop.signal.aborted) await new Promise((again) => setTimeout(again, 2000).unref());
  }
}
