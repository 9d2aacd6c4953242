// limit: 500 s
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import type { Status } from "../../../lab/simulated/schema.js";
import { nodeOf } from "./counts.js";
import { forgetOnHost } from "./forget-on-host.js";

const NODE = "node01";

/** Somebody with a newer state has switched the machine, and the provisioning host has lost its registration. */
describe("a machine that runs another system than the state has, and is not registered any more", function () {
  this.bail(true);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let deployed: Status;
  let found: Status;

  before(async function () {
    this.timeout(240_000);
    rack = await LaunchedRack.start({ machines: 1, seed: "drifted", speed: 40 });
    project = await SimulatedProject.make(rack);
    await project.up();
    deployed = await rack.status();
    const state = join(rack.directory, "earlier.json");
    writeFileSync(state, await project.pulumi(["stack", "export"], 60));
    project.declare(
      rack.cluster((args) => {
        nodeOf(args, NODE).labels = { declared: "elsewhere" };
      }),
    );
    await project.up();
    project.declare(rack.cluster());
    await project.pulumi(["stack", "import", "--file", state], 60);
    await forgetOnHost(rack, "nodes", "http/nodes", "dnsmasq/hosts.d");
    found = await rack.status();
    assert.notEqual(found.machines[NODE]?.toplevel, deployed.machines[NODE]?.toplevel);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("is told both by a refresh, a line each", async function () {
    this.timeout(140_000);
    const output = await project.pulumi(["refresh", "--yes", "--skip-preview"], 60);
    const said = output.slice(output.indexOf("Diagnostics:"));
    assert.deepEqual(
      said
        .split("\n")
        .filter((line) => line.includes(`warning: ${NODE} `))
        .map((line) => line.trim()),
      [
        `warning: ${NODE} is not registered on provisioning host any more: \`pulumi up\` registers it.`,
        `warning: ${NODE} runs ${found.machines[NODE]?.toplevel}, not what was deployed: \`pulumi up\` mends it.`,
      ],
      output,
    );
  });

  it("is registered and switched back by the next `up`, without a restart, and nothing is left to be done", async function () {
    this.timeout(200_000);
    await project.up();
    const after = await rack.status();
    assert.deepEqual(after.violations, []);
    assert.deepEqual(after.machines, deployed.machines, "system and boot");
    assert.ok(`dnsmasq/hosts.d/${NODE}` in after.files);
    await project.pulumi(["preview", "--refresh", "--expect-no-changes"], 60);
  });
});
