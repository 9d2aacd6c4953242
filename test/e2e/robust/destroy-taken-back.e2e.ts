// limit: 600 s
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { runAndInterrupt } from "./interrupted-run.js";

const MACHINES = 4;

describe("a destroy that was interrupted when it had switched machines off", function () {
  this.bail(true);
  let rack: LaunchedRack;
  let project: SimulatedProject;

  /** Machines that were told to shut down do so, whatever becomes of the run. */
  const settled = async () => {
    let last = "";
    for (let same = 0, looks = 0; same < 15; looks++) {
      assert.ok(looks < 300, "the machines come to no rest");
      await sleep(100);
      const now = JSON.stringify((await rack.status()).machines);
      same = now === last ? same + 1 : 0;
      last = now;
    }
  };

  before(async function () {
    this.timeout(150_000);
    rack = await LaunchedRack.start({ machines: MACHINES, seed: "destroy taken back", speed: 40 });
    project = await SimulatedProject.make(rack);
    await project.up();
    const end = await runAndInterrupt(rack, project, ["destroy", "--yes", "--skip-preview"], "SIGTERM to the CLI", {
      at: ({ event, state }) => event === "power" && state === "off",
    });
    assert.ok(end.interrupted && end.exitCode !== 0, end.output);
    await settled();
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("is taken back by `pulumi up --refresh`: they are switched on again, and nothing is installed anew", async function () {
    this.timeout(140_000);
    const { exitCode, all } = await project.start(["up", "--refresh", "--yes", "--skip-preview"], 120);
    assert.equal(exitCode, 0, all);
    const text = all.replaceAll(/\s+/g, " ");
    const diagnostics = text.slice(text.indexOf("Diagnostics:"));
    const off = [...diagnostics.matchAll(/(node\d+) is switched off: `pulumi up` switches it on\./g)].map(
      ([, name]) => name,
    );
    assert.ok(off.length > 0, all);
    assert.equal(new Set(off).size, off.length, `each is told once\n${all}`);
    assert.doesNotMatch(text, /it was found switched off/, "what the refresh said is not said again");
    const { machines, counts, violations } = await rack.status();
    assert.deepEqual(violations, []);
    for (const [name, { runs }] of Object.entries(machines)) {
      assert.equal(runs, "system", name);
      assert.deepEqual(Object.values(counts[name]?.wipes ?? {}), [1], `${name} is formatted once`);
    }
    assert.match(await project.pulumi(["stack", "output", "health"], 60), /^4 nodes healthy; /);
  });

  it("leaves nothing to be done afterwards", async function () {
    this.timeout(120_000);
    await project.pulumi(["preview", "--expect-no-changes"], 50);
  });
});
