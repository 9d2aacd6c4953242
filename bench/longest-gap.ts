import type { RaftClient } from "../drivers/raft/driver.js";

const EVERY_MS = 20;
/** A client that waits for nobody would pile up requests while there is no leader. */
const MOST_UNDER_WAY = 200;

/**
 * Milliseconds of the longest time without a completed write, of a client that begins a write every 20 ms while `work` runs,
 * whether the earlier ones are answered or not.
 */
export async function longestGap(client: RaftClient, work: () => Promise<unknown>): Promise<number> {
  const underWay = new Set<Promise<void>>();
  let longest = 0;
  let last = performance.now();
  const completed = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const write = () => {
    if (underWay.size >= MOST_UNDER_WAY) return;
    const one: Promise<void> = client
      .put("bench/gap", String(performance.now()))
      .then(completed, () => {})
      .finally(() => underWay.delete(one));
    underWay.add(one);
  };
  const timer = setInterval(write, EVERY_MS);
  await work().finally(() => clearInterval(timer));
  await Promise.all(underWay);
  return longest;
}
