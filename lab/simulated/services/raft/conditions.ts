import type { Clock } from "../../clock.js";
import { Alarm } from "../alarm.js";

/** Whoever waits for a group to be in some state. */
export class Conditions {
  private readonly waiting = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** Something has changed. */
  lookAgain(): void {
    for (const look of [...this.waiting]) look();
  }

  /** What `look` finds, now or after a later change; undefined when the time is over. */
  until<T>(look: () => T | undefined, milliseconds: number, signal?: AbortSignal): Promise<T | undefined> {
    const found = look();
    if (found !== undefined || signal?.aborted === true) return Promise.resolve(found);
    return new Promise((resolve) => {
      const alarm = new Alarm(this.clock);
      const end = (value: T | undefined) => {
        this.waiting.delete(again);
        signal?.removeEventListener("abort", cancel);
        alarm.clear();
        resolve(value);
      };
      const cancel = () => end(undefined);
      const again = () => {
        const value = look();
        if (value !== undefined) end(value);
      };
      this.waiting.add(again);
      signal?.addEventListener("abort", cancel);
      alarm.set(milliseconds, () => end(look()));
    });
  }
}
