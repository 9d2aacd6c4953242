import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { Random } from "../../../lab/simulated/random.js";
import type { Status } from "../../../lab/simulated/schema.js";
import { type Change, MACHINES } from "./changes.js";
import { type KilledRun, type Moment, runAndKill } from "./killed-run.js";

type Counts = NonNullable<Status["counts"][string]>;

/** Seconds after which a run that was not killed hangs. */
const PATIENCE_SECONDS = 240;
const KILLS_PER_CHANGE = 8;

/** Kills runs of one project on one simulated rack, and looks after each change whether all is as declared. */
export class Campaign {
  kills = 0;
  /** Disks that were formatted more often than their change allows. */
  doubleWipes = 0;
  /** Runs that nobody killed and that did not end. */
  hangs = 0;
  private readonly random: Random;

  private constructor(
    readonly seed: string,
    private readonly wanted: number,
    private readonly rack: LaunchedRack,
    private readonly project: SimulatedProject,
  ) {
    this.random = new Random(seed);
  }

  /** @param wanted How many runs are to be killed. */
  static async begin(seed: string, wanted: number): Promise<Campaign> {
    const rack = await LaunchedRack.start({ machines: MACHINES.length, seed, speed: 40 });
    try {
      return new Campaign(seed, wanted, rack, await SimulatedProject.make(rack));
    } catch (error) {
      await rack.stop();
      throw error;
    }
  }

  /** Declares the change, kills run after run of it, `atMost` so many, and lets a last one end. @returns what is wrong then. */
  async change(change: Change, atMost = KILLS_PER_CHANGE): Promise<string[]> {
    const before = await this.rack.status();
    if (change.declare !== undefined) this.project.declare(this.rack.cluster(change.declare));
    const argv = [change.declare === undefined ? "destroy" : "up", "--yes", "--skip-preview"];
    const runs = await this.killAgainAndAgain(argv, atMost);
    const last = await this.project.start(argv, PATIENCE_SECONDS);
    if (last.timedOut) this.hangs += 1;
    const found = last.exitCode === 0 ? [] : [`the last run ended with ${last.exitCode}:\n${last.all}`];
    const after = await this.rack.status();
    found.push(...after.violations, ...MACHINES.flatMap((name) => this.judge(name, change, before, after)));
    if (found.length === 0 && change.declare !== undefined) found.push(...(await this.judgeStack()));
    if (found.length > 0) found.push(...runs.map(({ after: event }) => `a run was killed after: ${event}`));
    return found;
  }

  async end(): Promise<void> {
    await this.rack.stop();
    this.project.remove();
  }

  /** Until a run ends before its moment, or there were enough. */
  private async killAgainAndAgain(argv: readonly string[], atMost: number): Promise<KilledRun[]> {
    const runs: KilledRun[] = [];
    while (runs.length < atMost && this.kills < this.wanted) {
      const run = await runAndKill(this.rack, this.project, argv, this.nextMoment());
      if (!run.killed) break;
      runs.push(run);
      this.kills += 1;
    }
    return runs;
  }

  /** Right after an event of the rack, which is where a phase ends; one of ten between two of them. */
  private nextMoment(): Moment {
    const { random } = this;
    const milliseconds = random.chance(0.1) ? random.between(0, 2000) : 0;
    return { events: random.between(1, random.pick([3, 8, 25])), milliseconds };
  }

  private judge(name: string, change: Change, before: Status, after: Status): string[] {
    const { formatted, installed } = difference(before.counts[name], after.counts[name]);
    const expected = change.formats.includes(name) ? 1 : 0;
    if (formatted > expected) this.doubleWipes += 1;
    const runs = after.machines[name]?.runs ?? null;
    const found = [];
    if (formatted !== expected) found.push(`${name}: its disk was formatted ${formatted} times, not ${expected}`);
    if (installed !== expected) found.push(`${name}: it was installed ${installed} times, not ${expected}`);
    if ((runs === "system") !== change.run.includes(name)) found.push(`${name}: it runs ${runs ?? "nothing"}`);
    return found;
  }

  /** What the state says, what a refresh and a preview find, and whether one command clears what the kills have left there. */
  private async judgeStack(): Promise<string[]> {
    const { project } = this;
    const found = [];
    const health = await project.pulumi(["stack", "output", "health"], 60);
    if (!/^\d+ nodes? healthy; /.test(health)) found.push(`health: ${health}`);
    await project.pulumi(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"], 120);
    const preview = await project.start(["preview", "--expect-no-changes"], 120);
    if (preview.exitCode !== 0 || preview.all.includes("pending operations")) found.push(`preview:\n${preview.all}`);
    return found;
  }
}

function difference(before: Counts | undefined, after: Counts | undefined) {
  const sum = (of: Record<string, number> = {}) => Object.values(of).reduce((total, each) => total + each, 0);
  return {
    formatted: sum(after?.wipes) - sum(before?.wipes),
    installed: sum(after?.installs) - sum(before?.installs),
  };
}
