// limit: 1200 s
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import type { ClusterArgs } from "../../../components/cluster/args.js";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { workOn } from "./counts.js";
import { judgeEnd, runAndInterrupt } from "./interrupted-run.js";
import { lockCluster, TAKE_OVER } from "./other-operator.js";
import { CASES, type Cut } from "./signal-cases.js";

const UP = ["up", "--yes", "--skip-preview"];

const titleOf = (cuts: readonly Cut[]) => cuts.map(({ phase, how }) => `${phase} (${how})`).join(", then ");

describe("a run is interrupted, ends at once, and the next one goes on", function () {
  this.bail(true);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let holder: ChildProcess | undefined;
  /** Names of the machines that are declared so far. */
  const wanted = new Set<string>();
  const declared: ((args: ClusterArgs) => void)[] = [];

  before(async function () {
    this.timeout(120_000);
    rack = await LaunchedRack.start({ machines: 8, seed: "signals", speed: 40 });
    project = await SimulatedProject.make(rack);
  });
  after(async () => {
    holder?.kill("SIGKILL");
    await rack?.stop();
    project?.remove();
  });

  /** @returns what the run printed. */
  async function cut({ how, moment, faults, silent }: Cut, argv: readonly string[], before: string): Promise<string> {
    if (faults !== undefined) await rack.inject(faults);
    if (silent) rack.freeze();
    const run = await runAndInterrupt(rack, project, argv, how, moment);
    rack.thaw();
    const told = `${before}--- ${how}, ended with ${run.exitCode} after ${run.seconds.toFixed(1)} s:\n${run.output}\n`;
    assert.ok(run.interrupted, `ended before the signal:\n${told}`);
    assert.notEqual(run.exitCode, 0, told);
    assert.deepEqual(judgeEnd(run), [], told);
    return told;
  }

  for (const { cuts, argv = UP, declare, adds = [], takesAway = [], installs = [], repair, isLocked } of CASES) {
    it(`while ${titleOf(cuts)}`, async function () {
      this.timeout(150_000 + 20_000 * cuts.length);
      for (const name of adds) wanted.add(name);
      for (const name of takesAway) wanted.delete(name);
      if (declare !== undefined) declared.push(declare);
      const cluster = rack.cluster((args) => {
        for (const each of declared) each(args);
        for (const name of Object.keys(args.nodes)) if (!wanted.has(name)) delete args.nodes[name];
      });
      if (wanted.size > 0) project.declare(cluster);
      if (isLocked) holder = await lockCluster(rack, cluster.name, 600);
      const before = await rack.status();
      let told = "";
      for (const each of cuts) told = await cut(each, argv, told);
      if (repair !== undefined) await rack.inject(repair);
      const next = await project.start(argv, 150, isLocked ? TAKE_OVER : {});
      assert.equal(next.exitCode, 0, `${told}--- and then:\n${next.all}`);
      const after = await rack.status();
      assert.deepEqual(after.violations, []);
      for (const name of wanted) {
        const once = installs.includes(name) ? 1 : 0;
        assert.deepEqual(workOn(before, after, name), { formatted: once, installed: once }, name);
        assert.equal(after.machines[name]?.runs, "system", name);
      }
      for (const name of takesAway) {
        assert.equal(after.machines[name]?.power, "Off", name);
        assert.deepEqual(
          Object.keys(after.files).filter((path) => path.includes(name)),
          [],
        );
      }
    });
  }
});
