// limit: 500 s
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { marked, processesOf } from "../kills/process-tree.js";
import { type RackEvent, RackEvents } from "../rack-events.js";

const UP = ["up", "--yes", "--skip-preview"];

const MOMENTS: Record<string, (event: RackEvent) => boolean> = {
  "is about to switch a machine on": ({ event, note }) => event === "command" && note === "booting",
  "waits for the installer of a machine": ({ event }) => event === "power",
  "installs a machine": ({ event }) => event === "format",
};

describe("an operator's own machine falls asleep while it", () => {
  for (const [moment, fits] of Object.entries(MOMENTS))
    describe(`${moment}, and another operator does the work meanwhile`, function () {
      this.bail(true);
      let rack: LaunchedRack;
      let first: SimulatedProject;
      let second: SimulatedProject;

      before(async function () {
        this.timeout(120_000);
        rack = await LaunchedRack.start({ machines: 1, seed: "asleep", speed: 6 });
        [first, second] = await Promise.all([
          SimulatedProject.make(rack),
          SimulatedProject.make(rack, undefined, "night"),
        ]);
      });
      after(async () => {
        await rack?.stop();
        first?.remove();
        second?.remove();
      });

      it("when it wakes up, it touches nothing any more and says why", async function () {
        this.timeout(300_000);
        const run = randomUUID();
        const events = new RackEvents(rack);
        let isOver = false;
        const one = first.start(UP, 250, marked(run));
        one.finally(() => (isOver = true));
        await events.until(fits, () => isOver);
        assert.equal(isOver, false);
        const signal = (name: NodeJS.Signals) => {
          for (const { pid } of processesOf(run)) process.kill(pid, name);
        };
        signal("SIGSTOP");
        const two = await second.start(UP, 150, { FLINT_LOCK_TIMEOUT: "80" });
        assert.equal(two.exitCode, 0, two.all);
        const before = await rack.status();
        events.next();
        signal("SIGCONT");
        const { exitCode, all } = await one;
        const after = await rack.status();
        const boots = events.next().filter(({ event }) => ["power", "restart", "boot"].includes(event));
        assert.deepEqual(boots, []);
        assert.deepEqual(after.violations, []);
        assert.deepEqual(after.counts, before.counts);
        assert.notEqual(exitCode, 0, all);
        assert.match(all.replaceAll(/\s+/g, " "), /took the lock over before it was finished/);
      });
    });
});
