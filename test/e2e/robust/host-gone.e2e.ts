// limit: 200 s
import assert from "node:assert/strict";
import { HOST } from "../../../lab/simulated/addresses.js";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";

const UP = ["up", "--yes", "--skip-preview"];
const MESSAGE = `preparation: provisioning host ${HOST} (pxe.host): expected ssh to answer on port 22 but found connect ECONNREFUSED ${HOST}:22. Switch it on, or correct the address; \`ssh-keyscan\` from here must show its key. Then run \`pulumi up\` again. [PXE_HOST_UNREACHABLE]`;

describe("the provisioning host is gone before a run begins", function () {
  this.bail(true);
  let rack: LaunchedRack;
  let project: SimulatedProject;

  before(async function () {
    this.timeout(60_000);
    rack = await LaunchedRack.start({ machines: 1, seed: "host gone", speed: 40 });
    project = await SimulatedProject.make(rack);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("says which host, where, what was tried and what to do, and ends by itself", async function () {
    this.timeout(100_000);
    await rack.inject({ host: { gone: true } });
    const { exitCode, all, timedOut } = await project.start(UP, 80);
    assert.equal(timedOut, false, all);
    assert.notEqual(exitCode, 0, all);
    assert.ok(all.replaceAll(/\s+/g, " ").includes(MESSAGE), all);
    const { counts } = await rack.status();
    assert.deepEqual(counts.node01?.powerCalls ?? 0, 0, "no machine was touched");
  });

  it("is no mistake afterwards: the next `up` finishes, and one without anything to do there goes without it", async function () {
    this.timeout(150_000);
    await rack.inject({ host: {} });
    await project.up(90);
    const { violations } = await rack.status();
    assert.deepEqual(violations, []);
    await rack.inject({ host: { gone: true } });
    const output = await project.pulumi([...UP, "--expect-no-changes"], 60);
    assert.ok(output.replaceAll(/\s+/g, " ").includes(MESSAGE), output);
  });
});
