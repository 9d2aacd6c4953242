import { setTimeout as sleep } from "node:timers/promises";

/** A timer that is set for longer goes off at once: what a fault calls for ever is 24 days then. */
const LONGEST_MS = 2 ** 31 - 1;

/** Time in a simulated rack: as many times faster than real time as its speed says. */
export class Clock {
  private readonly started = performance.now();

  /** @param speed How many simulated milliseconds pass in a real one. Default 1. */
  constructor(readonly speed = 1) {}

  /** Simulated milliseconds since the rack was made. */
  now(): number {
    return (performance.now() - this.started) * this.speed;
  }

  /** Resolves after so many simulated milliseconds. @throws AbortError when the signal ends it before. */
  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    await sleep(Math.min(milliseconds / this.speed, LONGEST_MS), undefined, { signal });
  }
}
