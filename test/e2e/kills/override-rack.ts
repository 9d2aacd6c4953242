import assert from "node:assert/strict";
import type { ClusterArgs } from "../../../components/cluster/args.js";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import type { Status } from "../../../lab/simulated/schema.js";
import { type RackEvent, RackEvents } from "../rack-events.js";
import { runAndKill } from "./killed-run.js";

/** A rack whose last machine has a BMC that knows no one-time boot override, and a project for it. */
export class OverrideRack {
  private readonly events: RackEvents;

  private constructor(
    readonly rack: LaunchedRack,
    readonly project: SimulatedProject,
    /** The machine with that BMC. */
    readonly node: string,
  ) {
    this.events = new RackEvents(rack);
  }

  static async start(machines: number, seed: string): Promise<OverrideRack> {
    const rack = await LaunchedRack.start({ machines, seed, speed: 40 });
    const node = `node0${machines}`;
    await rack.inject({ machines: { [node]: { bmc: { noOnce: true } } } });
    return new OverrideRack(rack, await SimulatedProject.make(rack), node);
  }

  declare(change: (args: ClusterArgs) => void): void {
    this.project.declare(this.rack.cluster(change));
  }

  /** An `up` that is killed right after this has happened to the machine, or on the provisioning host. */
  async killedAfter(fits: (event: RackEvent) => boolean): Promise<void> {
    const argv = ["up", "--yes", "--skip-preview"];
    const moment = { milliseconds: 0, frozen: true, hasCome: (news: readonly RackEvent[]) => news.some(fits) };
    const { killed, output } = await runAndKill(this.rack, this.project, argv, moment, () => this.events.next());
    this.rack.thaw();
    assert.ok(killed, output);
  }

  /** Waits for something that the machine does by itself. */
  async happens(fits: (event: RackEvent) => boolean): Promise<void> {
    const ends = Date.now() + 60_000;
    const found = await this.events.until(fits, () => Date.now() > ends);
    assert.notEqual(found, undefined, "it did not happen");
  }

  /** Does it, and shows what has become of the machine by then. */
  async after(work: () => Promise<unknown>): Promise<Status["machines"][string] & { boots: unknown[] }> {
    const events = new RackEvents(this.rack);
    this.events.next();
    await work();
    const { machines, violations } = await this.rack.status();
    assert.deepEqual(violations, []);
    const boots = events.next().filter(({ event, machine }) => event === "boot" && machine === this.node);
    return {
      ...(machines[this.node] ?? assert.fail(this.node)),
      boots: boots.map(({ from, override }) => [from, override]),
    };
  }

  /** How often its disk was formatted, and a system installed on it: by installation. */
  async installations(): Promise<number[][]> {
    const { counts } = await this.rack.status();
    const { wipes, installs } = counts[this.node] ?? assert.fail(this.node);
    return [Object.values(wipes), Object.values(installs)];
  }

  async end(): Promise<void> {
    await this.rack.stop();
    this.project.remove();
  }
}
