import { appendFileSync, writeFileSync } from "node:fs";
import type { Clock } from "./clock.js";
import type { Counts } from "./schema.js";

/** Something that happened in a simulated rack; `machine` is the provisioning host's name for what happened there. */
export interface SimulatedEvent {
  event: string;
  machine: string;
  [detail: string]: unknown;
}

/** Everything that happened in a rack, counted, and judged by what must never happen. */
export class Ledger {
  readonly violations: string[] = [];
  private readonly counts = new Map<string, Counts>();

  constructor(
    private readonly clock: Clock,
    private readonly file?: string,
    /** For the command lines. */
    private readonly commands?: string,
  ) {
    for (const each of [file, commands]) if (each !== undefined) writeFileSync(each, "");
  }

  /** A process was started with this command line, which everybody on the machine can read while it runs. */
  started(machine: string, command: string): void {
    if (this.commands !== undefined) appendFileSync(this.commands, `${JSON.stringify({ machine, command })}\n`);
  }

  add(event: SimulatedEvent): void {
    if (this.file === undefined) return;
    appendFileSync(this.file, `${JSON.stringify({ t: Math.round(this.clock.now()), ...event })}\n`);
  }

  /** Something that must never happen, whoever is to blame. */
  violate(machine: string, what: string): void {
    this.violations.push(`${machine}: ${what}`);
    this.add({ event: "violation", machine, what });
  }

  of(machine: string): Counts {
    let counts = this.counts.get(machine);
    if (counts === undefined) {
      counts = { powerCalls: 0, boots: 0, wipes: {}, installs: {}, changes: 0 };
      this.counts.set(machine, counts);
    }
    return counts;
  }

  all(): Record<string, Counts> {
    return Object.fromEntries(this.counts);
  }
}
