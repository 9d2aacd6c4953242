import type { LaunchedRack } from "../../../lab/simulated/launch.js";
import type { Status } from "../../../lab/simulated/schema.js";
import { type RackEvent, RackEvents } from "../rack-events.js";
import { workOn } from "../robust/counts.js";

/** What a rack is after some work, as far as it must be the same whatever way it came about. */
export interface Sight {
  /** Files of the cluster on the provisioning host, without what names an attempt. */
  files: Record<string, string>;
  machines: Record<string, { power: string; runs: string | null; toplevel: string | null; mark: string | null }>;
}

/** What was done meanwhile. */
export interface Work {
  formatted: number;
  installed: number;
  erased: number;
  added: number;
  removed: number;
}

/** Looks at a rack before and after. */
export class Watch {
  private readonly events: RackEvents;
  private last: Status | undefined;

  constructor(private readonly rack: LaunchedRack) {
    this.events = new RackEvents(rack);
  }

  /** What is there now. @throws Error when the rack has seen what must never happen. */
  async see(): Promise<Sight> {
    const status = await this.rack.status();
    if (status.violations.length > 0) throw new Error(status.violations.join("\n"));
    const machines = Object.entries(status.machines).map(([name, { power, runs, toplevel, mark }]) => [
      name,
      { power, runs, toplevel, mark },
    ]);
    const files = Object.entries(status.files).map(([path, note]) => [path.replace(/[0-9a-f]{16}/, "DIGEST"), note]);
    return { files: Object.fromEntries(files), machines: Object.fromEntries(machines) };
  }

  /** Counts from now on. */
  async begin(): Promise<void> {
    this.last = await this.rack.status();
    this.events.next();
  }

  /** What was done to each of these since `begin`. */
  async workOn(names: readonly string[]): Promise<Record<string, Work>> {
    const now = await this.rack.status();
    const events = this.events.next();
    const count = (is: (event: RackEvent) => boolean) => events.filter(is).length;
    return Object.fromEntries(
      names.map((name) => [
        name,
        {
          ...workOn(this.last ?? now, now, name),
          erased: count(({ machine, event }) => machine === name && event === "erase"),
          added: count(({ id, event }) => id === name && event === "member-added"),
          removed: count(({ id, event }) => id === name && event === "member-removed"),
        },
      ]),
    );
  }

  /** Everything that was done to machines, their BMCs and the host in so far as it changes something. */
  async changes(): Promise<Record<string, number>> {
    const { counts } = await this.rack.status();
    return Object.fromEntries(
      Object.entries(counts).map(([name, { powerCalls, boots, changes }]) => [name, powerCalls + boots + changes]),
    );
  }
}
