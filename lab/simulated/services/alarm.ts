import type { Clock } from "../clock.js";

/** Does one thing after a while, unless it is cleared before. It rings once, and can be set again. */
export class Alarm {
  private setting: AbortController | undefined;

  constructor(private readonly clock: Clock) {}

  get isSet(): boolean {
    return this.setting !== undefined;
  }

  /** Has no effect while it is set. @param milliseconds Simulated ones. */
  set(milliseconds: number, action: () => void): void {
    if (this.setting !== undefined) return;
    const setting = new AbortController();
    this.setting = setting;
    const ring = () => {
      if (this.setting !== setting) return;
      this.setting = undefined;
      action();
    };
    this.clock.sleep(milliseconds, setting.signal).then(ring, () => {});
  }

  clear(): void {
    this.setting?.abort();
    this.setting = undefined;
  }
}
