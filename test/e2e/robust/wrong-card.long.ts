// limit: 300 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { runAndKill } from "../kills/killed-run.js";
import { NEVER } from "../kills/moments.js";
import { RackEvents } from "../rack-events.js";
import { nodeOf } from "./counts.js";

const NAME = "node02";
/** The machine that was declared under that name by mistake. */
const OTHER = "node03";

describe("a machine is declared with another one's card, the run is killed, and then that is put right", function () {
  this.bail(true);
  this.timeout(200_000);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  const declare = (isRight: boolean) =>
    project.declare(
      rack.cluster((args) => {
        const { mac, clusterMac, serial, bmc, disk } = nodeOf(args, OTHER);
        for (const node of Object.values(args.nodes)) node.profile = "worker";
        if (!isRight) Object.assign(nodeOf(args, NAME), { mac, clusterMac, serial, bmc, disk });
        nodeOf(args, "node01").profile = "control-plane";
        delete nodeOf(args, NAME).bootstrap;
        delete args.nodes[OTHER];
      }),
    );

  before(async () => {
    rack = await LaunchedRack.start({ machines: 3, seed: "wrong card", speed: 40 });
    project = await SimulatedProject.make(rack);
    declare(false);
    const events = new RackEvents(rack);
    const inInstaller = {
      ...NEVER,
      hasCome: (news: ReturnType<RackEvents["next"]>) =>
        news.some(({ event, machine }) => event === "installer-up" && machine === OTHER),
    };
    const { killed, output } = await runAndKill(rack, project, ["up", "--yes", "--skip-preview"], inInstaller, () =>
      events.next(),
    );
    assert.ok(killed, output);
    rack.thaw();
    declare(true);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("when the other is switched off, the right one is installed, and the other is registered no more", async () => {
    await rack.inject({ machines: { [OTHER]: { machine: { powerFails: true } } } });
    await project.up(150);
    const { files, counts, violations } = await rack.status();
    assert.deepEqual(violations, []);
    assert.deepEqual(counts[OTHER]?.wipes, {});
    assert.deepEqual(
      Object.keys(files).filter((path) => path.startsWith("http/nodes/")),
      ["http/nodes/52-54-00-00-00-01.ipxe", "http/nodes/52-54-00-00-00-02.ipxe"],
    );
  });
});
