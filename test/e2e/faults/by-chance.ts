import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterArgs } from "../../../components/cluster/args.js";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import type { FaultOrder, Status } from "../../../lab/simulated/schema.js";
import { RackEvents } from "../rack-events.js";
import { nodeOf } from "../robust/counts.js";

const VOTERS = ["node01", "node02", "node03"];
/** Runs with faults; after them everything is repaired. */
const TRIES = 2;
/** Short, so that what does not come is told soon. */
const DEADLINES = { boot: "20s", install: "20s", firstBoot: "20s", build: "60s", join: "30s", health: "30s" };
/** How likely each fault is. Those of the host and of nix meet all machines. */
type Chances = NonNullable<FaultOrder["chances"]>;

export const ALL_KINDS: Chances = {
  machine: { slow: 0.1, powerFails: 0.1, restarts: 0.15, diskErrors: 0.1, diskFull: 0.1, copyBreaks: 0.2 },
  bmc: { busy503: 0.2, passwordRefused: 0.1 },
  host: { sshGone: 0.2, restarts: 0.1, clockOff: 0.5 },
  nix: { buildFails: 0.1 },
  repairedAfter: 600_000,
};

/** Those that nobody waits for until a deadline. */
export const QUICK_KINDS: Chances = {
  machine: { restarts: 0.4, diskErrors: 0.3, diskFull: 0.2, copyBreaks: 0.4 },
  host: { sshGone: 0.5, clockOff: 0.5 },
  repairedAfter: 400_000,
};

/** An update of all machines, then the removal of some, while things go wrong as the seed has it. */
export function describeChances(seed: string, machineCount: number, kinds: Chances): void {
  describe(`faults by chance in an update and in a removal (seed ${seed})`, function () {
    this.bail(true);
    let rack: LaunchedRack;
    let project: SimulatedProject;
    let begun = 0;
    before(async function () {
      this.timeout(120_000);
      rack = await LaunchedRack.start({ machines: machineCount, seed, speed: 40 });
      project = await SimulatedProject.make(rack, declared());
      await project.up();
    });
    after(async () => {
      await rack?.stop();
      project?.remove();
    });

    function declared(change: (args: ClusterArgs) => void = () => {}): ClusterArgs {
      return rack.cluster((args) => {
        args.deadlines = DEADLINES;
        for (const name of Object.keys(args.nodes)) nodeOf(args, name).onDelete = "wipe";
        change(args);
      });
    }

    /** Runs with faults, at most twice, then without; the last one must end well. */
    async function goesOn(change: "update" | "removal"): Promise<Status> {
      const events = new RackEvents(rack);
      await rack.inject({ chances: { ...kinds, change } });
      for (let run = 1, exitCode: number | undefined; run <= TRIES && exitCode !== 0; run++) {
        const ended = await project.start(["up", "--yes", "--skip-preview"], 200);
        assert.equal(ended.timedOut, false, ended.all);
        exitCode = ended.exitCode;
      }
      begun += events.next().filter(({ event }) => event === "drawn").length;
      const { machines } = await rack.status();
      // Somebody switches on what lost its power. A machine that is removed and off has no system any more.
      const isDead = ({ runs, toplevel }: Status["machines"][string]) => runs === null && toplevel !== null;
      const mended = Object.entries(machines).map(([name, machine]) => [
        name,
        { machine: {}, bmc: {}, powerCycle: isDead(machine) },
      ]);
      await rack.inject({
        ...{ chances: {}, nix: { buildFails: 0, diskFull: 0, hangs: 0 }, host: {} },
        machines: Object.fromEntries(mended),
      });
      for (const deadline = Date.now() + 60_000; Object.values((await rack.status()).machines).some(isDead); ) {
        assert.ok(Date.now() < deadline, "a machine that was switched on does not start");
        await sleep(100);
      }
      await project.up(200);
      return rack.status();
    }

    function judge({ violations, counts, machines }: Status, stay: (name: string) => boolean): void {
      assert.deepEqual(violations, []);
      for (const [name, { runs, power }] of Object.entries(machines)) {
        const { wipes = {}, installs = {} } = counts[name] ?? {};
        assert.deepEqual([Object.values(wipes), Object.values(installs)], [[1], [1]], name);
        if (stay(name)) assert.equal(runs, "system", name);
        else assert.equal(power, "Off", name);
      }
    }

    const labelled = (args: ClusterArgs) => {
      for (const name of Object.keys(args.nodes)) nodeOf(args, name).labels = { rack: "b1" };
    };

    it("an update goes on until each machine runs its new system; none is formatted or installed again", async function () {
      this.timeout(700_000);
      const before = await rack.status();
      project.declare(declared(labelled));
      const after = await goesOn("update");
      judge(after, () => true);
      for (const [name, { toplevel }] of Object.entries(after.machines))
        assert.notEqual(toplevel, before.machines[name]?.toplevel, name);
    });

    it("a removal goes on until the machines are off; the others stay as they are", async function () {
      this.timeout(700_000);
      const before = await rack.status();
      project.declare(
        declared((args) => {
          labelled(args);
          for (const name of Object.keys(args.nodes)) if (!VOTERS.includes(name)) delete args.nodes[name];
        }),
      );
      const after = await goesOn("removal");
      judge(after, (name) => VOTERS.includes(name));
      for (const [name, { toplevel, mark }] of Object.entries(before.machines))
        if (VOTERS.includes(name)) assert.deepEqual(pick(after, name), { toplevel, mark }, name);
      assert.match(await project.pulumi(["stack", "output", "health"], 60), /^3 nodes healthy; /);
      assert.ok(begun > 0, "something went wrong");
    });

    function pick({ machines }: Status, name: string) {
      return { toplevel: machines[name]?.toplevel, mark: machines[name]?.mark };
    }
  });
}
