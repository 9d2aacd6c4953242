import { setImmediate } from "node:timers/promises";
import { Clock } from "../../../../lab/simulated/clock.js";

interface Sleeper {
  at: number;
  wake: () => void;
}

/** A clock that goes only when it is told to: the same seed gives the same story. */
export class ManualClock extends Clock {
  private time = 0;
  private readonly sleepers = new Set<Sleeper>();

  override now(): number {
    return this.time;
  }

  override sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper: Sleeper = { at: this.time + milliseconds, wake: resolve };
      const end = () => {
        this.sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      if (signal?.aborted) return end();
      signal?.addEventListener("abort", end, { once: true });
      this.sleepers.add(sleeper);
    });
  }

  /** How many wait for it. */
  get waiting(): number {
    return this.sleepers.size;
  }

  /** Lets time pass, and everything happen in its order. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.time + milliseconds;
    for (;;) {
      await setImmediate();
      const [next] = [...this.sleepers].sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > until) break;
      this.time = Math.max(this.time, next.at);
      this.sleepers.delete(next);
      next.wake();
    }
    this.time = until;
  }
}
