// limit: 800 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";

const MACHINES = 24;
const INSTALLS = 5;
/** As docs/scale.md promises. One command follows the servers' logs, on a connection of its own. */
const [BMC_REQUESTS, HOST_COMMANDS] = [2, 6 + 1];

/** The CLI is told to work on everything at once: what must not happen at once is limited by Flint itself. */
describe("a rack whose machines are all brought up at once", () => {
  let rack: LaunchedRack;
  let project: SimulatedProject;

  before(async function () {
    this.timeout(120_000);
    rack = await LaunchedRack.start({ machines: MACHINES, seed: "at once", speed: 20 });
    const cluster = rack.cluster((args) => {
      args.installsAtOnce = INSTALLS;
    });
    project = await SimulatedProject.make(rack, cluster);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("sees no more installations, requests to a BMC and commands on the host at once than were promised", async function () {
    this.timeout(330_000);
    const { exitCode, all } = await project.start(["up", "--yes", "--skip-preview"], 300, {
      PULUMI_PARALLEL: String(3 * MACHINES),
    });
    assert.equal(exitCode, 0, all);
    const { peaks, counts, violations } = await rack.status();
    assert.deepEqual(violations, []);
    // So many are ready at once that a limit which does not hold would show.
    assert.equal(peaks.installs, INSTALLS);
    assert.ok(peaks.bmcRequests >= 1 && peaks.bmcRequests <= BMC_REQUESTS, `${peaks.bmcRequests} requests to one BMC`);
    assert.ok(peaks.hostCommands > 2 && peaks.hostCommands <= HOST_COMMANDS, `${peaks.hostCommands} commands`);
    const installed = Object.values(counts).flatMap(({ installs }) => Object.values(installs));
    assert.deepEqual(installed, Array(MACHINES).fill(1), "each machine is installed once");
  });
});
