import { describeMachine } from "../../../lab/simulated/addresses.js";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { Random } from "../../../lab/simulated/random.js";
import { type RackEvent, RackEvents } from "../rack-events.js";
import { boundaryOf, Coverage } from "./boundaries.js";
import { type Change, MACHINES } from "./changes.js";
import {
  judgeMachine,
  judgeMembers,
  judgeRegistrations,
  judgeTemporaryFiles,
  judgeViolations,
  judgeWipes,
} from "./judge.js";
import { type Ending, type KilledRun, runAndKill } from "./killed-run.js";
import { AfterBoundary, AfterNewBoundary, AtRandom, type NamedMoment } from "./moments.js";

export interface Campaigning {
  seed: string;
  /** How many runs are to be killed. */
  kills: number;
  /** Kills are too few for every phase of every change: they are spread. Default: one after each phase. */
  spread?: boolean;
  /** Phases that a change names are ended after for certain, before others. Default: like the others. */
  surely?: boolean;
  /** How runs are ended, in turn. Default: they are killed. */
  endings?: readonly [Ending, ...Ending[]];
  /** Of runs while phases are left, so many are ended at random; 0: none ever is. Default 0.2. */
  randomly?: number;
}

/** Kills runs of one project on one simulated rack, and looks after each change whether all is as declared. */
export class Campaign {
  kills = 0;
  /** Disks that were formatted more often than their change allows. */
  doubleWipes = 0;
  /** Runs that nobody killed and that did not end. */
  hangs = 0;
  readonly coverage = new Coverage();
  readonly seed: string;
  private readonly random: Random;
  private readonly events: RackEvents;
  /** Titles of changes that came to their end once. */
  private readonly known = new Set<string>();

  private constructor(
    private readonly campaigning: Campaigning,
    private readonly rack: LaunchedRack,
    private readonly project: SimulatedProject,
  ) {
    this.seed = campaigning.seed;
    this.random = new Random(this.seed);
    this.events = new RackEvents(rack);
  }

  static async begin(campaigning: Campaigning): Promise<Campaign> {
    const rack = await LaunchedRack.start({ machines: MACHINES.length, seed: campaigning.seed, speed: 40 });
    try {
      return new Campaign(campaigning, rack, await SimulatedProject.make(rack));
    } catch (error) {
      await rack.stop();
      throw error;
    }
  }

  /** Declares the change, kills run after run of it, `atMost` so many, and lets a last one end. @returns what is wrong then. */
  async change(change: Change, atMost = Number.POSITIVE_INFINITY): Promise<string[]> {
    const before = await this.rack.status();
    if (change.declare !== undefined) this.project.declare(this.rack.cluster(change.declare));
    const seen: RackEvent[] = [];
    const look = () => this.look(change, seen);
    const killed: string[] = [];
    const found: string[] = [];
    const last = await this.killAgainAndAgain(change, atMost, look, killed, found);
    if (last.timedOut) this.hangs += 1;
    this.known.add(change.title);
    if (last.exitCode !== 0) found.push(`the last run ended with ${last.exitCode}:\n${last.output}`);
    const after = await this.rack.status();
    look();
    for (const name of MACHINES) {
      const wrong = judgeMachine(name, change, before, after);
      if (wrong.some((each) => each.includes("formatted"))) this.doubleWipes += 1;
      found.push(...wrong);
    }
    const wrongWipes = judgeWipes(change, seen, after);
    if (wrongWipes.length > 0) this.doubleWipes += 1;
    found.push(...wrongWipes, ...judgeViolations(change, before, after), ...judgeMembers(change, seen));
    const left = (change.surely ?? []).filter((phase) => !this.coverage.isCovered(change.title, phase));
    if (this.campaigning.surely) found.push(...left.map((phase) => `no run was killed after ${phase}`));
    if (last.exitCode === 0) found.push(...judgeRegistrations(change, after, macOf));
    if (last.exitCode === 0) found.push(...judgeTemporaryFiles(this.project.temporaryFiles));
    if (found.length === 0 && change.declare !== undefined) found.push(...(await this.judgeStack()));
    if (found.length > 0) found.push(...killed.map((moment) => `a run was ended ${moment}`));
    return found;
  }

  async end(): Promise<void> {
    await this.rack.stop();
    this.project.remove();
  }

  /** Until a run ends before its moment, or there were enough: then one is let end. */
  private async killAgainAndAgain(
    change: Change,
    atMost: number,
    look: () => RackEvent[],
    killed: string[],
    wrong: string[],
  ): Promise<KilledRun> {
    const argv = [change.declare === undefined ? "destroy" : "up", "--yes", "--skip-preview"];
    for (;;) {
      const enough = killed.length >= atMost || this.kills >= this.campaigning.kills;
      const moment = enough ? NEVER : this.nextMoment(change);
      const { endings = ["SIGKILL"] } = this.campaigning;
      const how = endings[this.kills % endings.length] ?? endings[0];
      const run = await runAndKill(this.rack, this.project, argv, moment, look, how);
      wrong.push(...run.wrong.map((each) => `${how} ${moment.name}: ${each}\n${run.output}`));
      if (run.killed && moment.boundary !== undefined) this.coverage.killedAfter(change.title, moment.boundary);
      if (!run.killed) return run;
      this.kills += 1;
      killed.push(`${moment.name} (${how})`);
    }
  }

  private look({ title }: Change, seen: RackEvent[]): RackEvent[] {
    const events = this.events.next();
    for (const event of events) {
      seen.push(event);
      const boundary = boundaryOf(event);
      if (boundary !== undefined) this.coverage.saw(title, boundary);
    }
    return events;
  }

  private nextMoment({ title, stride, surely = [] }: Change): NamedMoment {
    const { random, coverage, campaigning } = this;
    const [first] = surely.filter((phase) => !coverage.isCovered(title, phase));
    if (campaigning.surely && first !== undefined) return new AfterBoundary(first);
    const { randomly = 0.2 } = campaigning;
    const isCovered = this.known.has(title) && coverage.open(title).length === 0;
    if (randomly > 0 && (isCovered || random.chance(randomly))) return new AtRandom(random, !isCovered);
    return new AfterNewBoundary(coverage, title, campaigning.spread ? random.between(0, stride) : 0);
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

const NEVER: NamedMoment = {
  ...{ name: "never", boundary: undefined, milliseconds: 0, frozen: false },
  hasCome: () => false,
};

function macOf(name: string): string {
  return describeMachine(Number(name.replace("node", ""))).mac;
}
