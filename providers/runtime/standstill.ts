import { progressesAtWork } from "./progress.js";

let waiting = 0;

/** Runs `wait`, which does nothing but wait for what other resources of the same run bring, as a cluster's voters its leader. */
export async function waitingForOthers<T>(wait: () => Promise<T>): Promise<T> {
  waiting += 1;
  try {
    return await wait();
  } finally {
    waiting -= 1;
  }
}

/**
 * True while each resource at work waits for others. The engine begins only so many at once: where those that others wait for
 * are not among them, they begin when one of these has ended, and not before.
 */
export const atStandstill = (): boolean => waiting > 0 && waiting >= progressesAtWork();
