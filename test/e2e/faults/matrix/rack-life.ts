import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterArgs } from "../../../../components/cluster/args.js";
import { describeMachine } from "../../../../lab/simulated/addresses.js";
import { LaunchedRack } from "../../../../lab/simulated/launch.js";
import { COMING } from "../../../../lab/simulated/moments.js";
import { SimulatedProject } from "../../../../lab/simulated/project.js";
import { type FaultOrder, faultOrderSchema, type Status } from "../../../../lab/simulated/schema.js";
import { DEADLINES } from "./deadlines.js";
import { readStays, type Stay } from "./engine-events.js";
import type { Pair } from "./pairs.js";
import { allErrorsOf } from "./told-error.js";

export const VOTERS = ["node01", "node02", "node03"] as const;
export const workersOf = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => describeMachine(VOTERS.length + 1 + at).name);

/** Errors whose remedy asks for a restart of the machine. */
const RESTARTED = /\[(FIRST_BOOT_TIMEOUT|SYSTEM_MISMATCH)\]$/;

const STARTS_WITHIN_MS = 30_000;

/** How one run of the CLI ended. */
export interface Run {
  exitCode: number | undefined;
  hung: boolean;
  output: string;
  errors: ReadonlyMap<string, readonly string[]>;
  status: Status;
  /** Faults that were to begin at a machine's moment, and have: machine → moments. */
  begun: ReadonlyMap<string, readonly string[]>;
  /** What was done to each resource, and how long. */
  stays: readonly Stay[];
}

/** One rack with a project, through a change with faults, its mending, and the `up` after that. */
export class RackLife {
  private declared: (args: ClusterArgs) => void = () => {};
  private runs = 0;

  private constructor(
    readonly rack: LaunchedRack,
    private readonly project: SimulatedProject,
    readonly machines: readonly string[],
  ) {}

  static async begin(workers: number, seed: string): Promise<RackLife> {
    const machines = [...VOTERS, ...workersOf(workers)];
    const rack = await LaunchedRack.start({ machines: machines.length, seed, speed: 40 });
    try {
      const life = new RackLife(rack, await SimulatedProject.make(rack), machines);
      life.declare(() => {});
      return life;
    } catch (error) {
      await rack.stop();
      throw error;
    }
  }

  /** What changes in the declaration from now on. */
  declare(change: (args: ClusterArgs) => void): void {
    const before = this.declared;
    this.declared = (args) => {
      before(args);
      change(args);
    };
    this.project.declare(
      this.rack.cluster((args) => {
        args.deadlines = DEADLINES;
        for (const node of Object.values(args.nodes)) if (node.profile === "worker") node.onDelete = "wipe";
        this.declared(args);
      }),
    );
  }

  /** Each machine's fault, to begin at its moment; those of the host and of nix at this machine's. */
  async inject(faults: ReadonlyMap<string, Pair>): Promise<void> {
    for (const [machine, pair] of faults) await this.rack.inject(orderOf(machine, pair));
  }

  up(seconds: number): Promise<Run> {
    return this.run("up", seconds);
  }

  /** `pulumi destroy`, or `up`. */
  async run(verb: "up" | "destroy", seconds: number): Promise<Run> {
    const parallel = { PULUMI_PARALLEL: String(4 * this.machines.length) };
    // Else the CLI does not begin after a failure what it has not begun before, and how much that is depends on its speed.
    const log = join(this.rack.directory, `engine-events-${++this.runs}.json`);
    const argv = [verb, "--yes", "--skip-preview", "--continue-on-error", "--event-log", log];
    const child = await this.project.start(argv, seconds, { ...parallel, PULUMI_DEBUG_COMMANDS: "true" });
    const { exitCode, all: output, timedOut: hung } = child;
    return {
      ...{ exitCode, hung, output, errors: allErrorsOf(output) },
      ...{ status: await this.rack.status(), begun: this.begun(), stays: readStays(log) },
    };
  }

  private begun(): Map<string, string[]> {
    const begun = new Map<string, string[]>();
    for (const { event, machine, at } of this.rack.events())
      if (event === "faults" && typeof at === "string") begun.set(machine, [...(begun.get(machine) ?? []), at]);
    return begun;
  }

  /**
   * Everything is as it should be; a person restarts the machines for which the errors ask that, and switches on those that have
   * lost their power.
   */
  async mend({ errors, status }: Pick<Run, "errors" | "status">): Promise<void> {
    const restarted = this.machines.filter((name) => {
      const told = errors.get(name) ?? [];
      const isOff = told.length > 0 && status.machines[name]?.power === "Off" && status.machines[name]?.mark !== null;
      return isOff || told.some((error) => RESTARTED.test(error));
    });
    const order = (name: string) => ({ machine: {}, bmc: {}, powerCycle: restarted.includes(name) });
    const machines = Object.fromEntries(this.machines.map((name) => [name, order(name)]));
    await this.rack.inject({ machines, nix: { buildFails: 0, diskFull: 0, hangs: 0 }, host: {} });
    // A person sees whether a machine comes up.
    const until = performance.now() + STARTS_WITHIN_MS;
    for (;;) {
      const { machines: now } = await this.rack.status();
      const waiting = restarted.some((name) => now[name]?.toplevel !== null && now[name]?.runs === null);
      if (!waiting || performance.now() > until) return;
      await sleep(200);
    }
  }

  async end(): Promise<void> {
    await this.rack.stop();
    this.project.remove();
  }
}

function orderOf(machine: string, { owner, fault, value, moment }: Pair): FaultOrder {
  const at = COMING.find((each) => each === moment);
  const faults = { [fault]: value };
  const order =
    owner === "host" || owner === "nix"
      ? { [owner]: faults, ...(at === undefined ? {} : { at: { machine, moment: at } }) }
      : { machines: { [machine]: { [owner]: faults, ...(at === undefined ? {} : { at }) } } };
  return faultOrderSchema.parse(order);
}
