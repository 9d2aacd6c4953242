// limit: 400 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";

describe("Pulumi works on one resource at a time", () => {
  let rack: LaunchedRack;
  let project: SimulatedProject;

  before(async function () {
    this.timeout(120_000);
    rack = await LaunchedRack.start({ machines: 6, seed: "few at once", speed: 40 });
    project = await SimulatedProject.make(rack);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("a new cluster is made all the same, in whatever order its machines come", async function () {
    this.timeout(180_000);
    const { exitCode, all } = await project.start(["up", "--yes", "--skip-preview", "--parallel", "1"], 170);
    assert.equal(exitCode, 0, all);
    assert.match(all, /6 nodes healthy/);
    const { violations, counts } = await rack.status();
    assert.deepEqual(violations, []);
    const installs = Object.values(counts).flatMap((each) => Object.values(each.installs));
    assert.deepEqual(installs, [1, 1, 1, 1, 1, 1]);
  });
});
