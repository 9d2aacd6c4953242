import type { RaftClient } from "../drivers/raft/driver.js";

const EVERY_MS = 20;

/** Milliseconds of the longest time without a completed write, of a client that writes every 20 ms while `work` runs. */
export async function longestGap(client: RaftClient, work: () => Promise<unknown>): Promise<number> {
  let over = false;
  let longest = 0;
  let last = performance.now();
  const writing = (async () => {
    while (!over) {
      const begun = performance.now();
      const done = await client.put("bench/gap", String(begun)).then(
        () => true,
        () => false,
      );
      if (done) {
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
      }
      await new Promise((next) => setTimeout(next, Math.max(0, EVERY_MS - (performance.now() - begun))));
    }
  })();
  await work();
  over = true;
  await writing;
  return longest;
}
