import { setTimeout as sleep } from "node:timers/promises";
import type { Backend, BootSource, Inventory, PowerState } from "./backend.js";
import type { BootOverride } from "./boot-override.js";

export interface FakeTimes {
  /** Milliseconds from the command until the power is on. Default 20. */
  onMs?: number;
  /** Milliseconds that the operating system takes to shut down. Default 20. */
  shutdownMs?: number;
}

/** A machine of which only power and boot source exist. `boots` holds the source of every boot so far. */
export class FakeBackend implements Backend {
  readonly boots: BootSource[] = [];
  /** Its operating system does not hear the power button. */
  hangs = false;
  private state: PowerState = "Off";

  constructor(
    readonly inventory: Inventory,
    private readonly override: BootOverride,
    private readonly times: FakeTimes = {},
  ) {}

  power(): PowerState {
    return this.state;
  }

  async powerOn(): Promise<void> {
    if (this.state === "On") return;
    this.boots.push(this.override.take());
    this.state = "PoweringOn";
    await sleep(this.times.onMs ?? 20);
    this.state = "On";
  }

  async forceOff(): Promise<void> {
    this.state = "Off";
  }

  async pressPowerButton(): Promise<void> {
    if (this.state === "Off" || this.hangs) return;
    this.state = "PoweringOff";
    setTimeout(() => {
      this.state = "Off";
    }, this.times.shutdownMs ?? 20);
  }
}
