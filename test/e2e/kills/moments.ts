import { FOR_EVER } from "../../../lab/simulated/catalogue/entry.js";
import type { Random } from "../../../lab/simulated/random.js";
import type { FaultOrder } from "../../../lab/simulated/schema.js";
import type { RackEvent } from "../rack-events.js";
import { boundaryOf, type Coverage } from "./boundaries.js";
import type { Moment } from "./killed-run.js";

/** A moment that tells what it was. */
export interface NamedMoment extends Moment {
  /** "after machine: format". */
  readonly name: string;
  /** The phase that had just ended. */
  readonly boundary: string | undefined;
}

/**
 * Right after a phase has ended that no run of this change was killed after yet, be it the run's own or that of a machine which
 * goes on by itself: the next run finds what was there then.
 */
export class AfterNewBoundary implements NamedMoment {
  readonly milliseconds = 0;
  readonly frozen = true;
  boundary: string | undefined;

  /** @param pass So many such phases are passed first. */
  constructor(
    private readonly coverage: Coverage,
    private readonly change: string,
    private pass = 0,
  ) {}

  get name(): string {
    return `after ${this.boundary ?? "nothing"}`;
  }

  hasCome(events: readonly RackEvent[]): boolean {
    for (const event of events) {
      const boundary = boundaryOf(event);
      if (boundary === undefined || this.coverage.isCovered(this.change, boundary)) continue;
      this.boundary = boundary;
      if (--this.pass < 0) return true;
    }
    return false;
  }
}

/** Right after this phase has ended. */
export class AfterBoundary implements NamedMoment {
  readonly milliseconds = 0;
  readonly frozen = true;

  constructor(readonly boundary: string) {}

  get name(): string {
    return `after ${this.boundary}`;
  }

  hasCome(events: readonly RackEvent[]): boolean {
    return events.some((event) => boundaryOf(event) === this.boundary);
  }
}

/** So many events of the rack after the start, and so many milliseconds after that. */
export class AtRandom implements NamedMoment {
  readonly boundary = undefined;
  readonly frozen: boolean;
  readonly milliseconds: number;
  private last = "the start";
  private events: number;

  /**
   * One of ten may be anywhere in a run, also before it does anything; of the others, one of ten between two events.
   * @param early Soon enough that the run does not come to its end before, nor the machines.
   */
  constructor(random: Random, early: boolean) {
    this.frozen = early;
    const anywhere = random.chance(0.1);
    this.events = anywhere ? 0 : random.between(1, early ? 3 : random.pick([3, 8, 25]));
    const longest = early ? 2500 : 6000;
    this.milliseconds = anywhere ? random.between(0, longest) : random.chance(0.1) ? random.between(0, 2000) : 0;
  }

  get name(): string {
    return `${this.milliseconds} ms after ${this.last}`;
  }

  hasCome(events: readonly RackEvent[]): boolean {
    const last = events.at(-1);
    if (last !== undefined) this.last = [last.machine, last.event, last.what].filter(Boolean).join(" ");
    this.events -= events.length;
    return this.events <= 0;
  }
}

/** When the raft service has taken this machine in: its new system has joined by itself. `lockedOut` keeps the run waiting for it. */
export const afterMemberAdded = (service: string, id: string): Moment => ({
  milliseconds: 0,
  frozen: true,
  hasCome: (events) =>
    events.some((each) => each.event === "member-added" && each.service === service && each.id === id),
});

/**
 * From its next start from disk on, nobody gets into the machine by ssh: its system comes to the cluster by itself, and the run goes
 * no further than waiting for it, however slow whoever kills it is.
 */
export const lockedOut = (machine: string): FaultOrder => ({
  machines: { [machine]: { at: "disk-boot", machine: { sshRefused: FOR_EVER } } },
});

/** It is let in again. */
export const letIn = (machine: string): FaultOrder => ({ machines: { [machine]: { machine: {} } } });

/** A run that is left to its end. */
export const NEVER: Moment = { milliseconds: 0, frozen: true, hasCome: () => false };
