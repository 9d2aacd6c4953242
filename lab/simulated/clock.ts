import { setTimeout as sleep } from "node:timers/promises";

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
    await sleep(milliseconds / this.speed, undefined, { signal });
  }
}
