// limit: 1200 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import type { Status } from "../../../lab/simulated/schema.js";
import { type RackEvent, RackEvents } from "../rack-events.js";
import { nodeOf, workOn } from "../robust/counts.js";
import { RAFT_SERVICES } from "./changes.js";
import { runAndKill } from "./killed-run.js";
import { afterMemberAdded, letIn, lockedOut } from "./moments.js";

/** The voter that breaks, and the machine that is put in its place. */
const NODE = "node03";
const SPARE = "node04";

describe("another machine is put in a voter's place, by its card, and the run is killed when its system has joined by itself:", function () {
  this.bail(true);
  this.timeout(240_000);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let events: RackEvents;
  let before: Status;
  const seen: RackEvent[] = [];
  const look = () => {
    const news = events.next();
    seen.push(...news);
    return news;
  };

  const declare = (machine: string) =>
    project.declare(
      rack.cluster((args) => {
        const { mac, clusterMac, serial, bmc, disk } = nodeOf(args, machine);
        Object.assign(nodeOf(args, NODE), { mac, clusterMac, serial, bmc, disk });
        delete args.nodes[SPARE];
      }),
    );

  beforeEach(() => rack?.thaw());
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("there are three voters, and a machine to spare", async () => {
    rack = await LaunchedRack.start({ machines: 4, seed: "other-machine", speed: 40 });
    project = await SimulatedProject.make(rack);
    events = new RackEvents(rack);
    declare(NODE);
    await project.up(200);
    events.next();
    before = await rack.status();
  });

  it("the preview says that the old one leaves the cluster, and what is left of the quorum meanwhile", async () => {
    declare(SPARE);
    const text = await project.pulumi(["preview"], 120);
    assert.match(text, /BareMetalNode node03 replace/);
    for (const service of ["Chainfire", "FlareDB"])
      assert.match(
        text,
        new RegExp(
          `${service}: 3 voters .*node03 is replaced: the old identity goes, the new one joins[;.] .*Quorum 2 of 3`,
        ),
      );
    assert.doesNotMatch(text, /begun/);
  });

  it("the run is killed", async () => {
    const argv = ["up", "--yes", "--skip-preview"];
    await rack.inject(lockedOut(SPARE));
    const { killed, output } = await runAndKill(rack, project, argv, afterMemberAdded("flaredb", NODE), look);
    assert.ok(killed, output);
  });

  it("the next preview says that it goes on, and nothing of leaving", async () => {
    await rack.inject(letIn(SPARE));
    const text = await project.pulumi(["preview"], 120);
    assert.match(text, /node03 has left the cluster for this: the installation that was begun goes on\./);
    assert.doesNotMatch(text, /the old identity goes/);
  });

  it("in the end the old one has left and kept its disk, the new one was installed and has joined: each once", async () => {
    await project.up(200);
    look();
    const after = await rack.status();
    assert.deepEqual(workOn(before, after, NODE), { formatted: 0, installed: 0 });
    assert.deepEqual(workOn(before, after, SPARE), { formatted: 1, installed: 1 });
    assert.equal(after.machines[NODE]?.power, "Off");
    assert.equal(after.machines[SPARE]?.runs, "system");
    for (const service of RAFT_SERVICES) {
      const changes = ["member-added", "member-removed"];
      const membership = seen.filter((each) => each.service === service && changes.includes(each.event));
      assert.deepEqual(
        membership.map(({ event, id }) => [event, id]),
        [
          ["member-removed", NODE],
          ["member-added", NODE],
        ],
        service,
      );
    }
    assert.deepEqual(after.violations, []);
  });

  it("then there is nothing left to do", async () => {
    assert.match(await project.pulumi(["stack", "output", "health"], 60), /^3 nodes healthy; /);
    await project.pulumi(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"], 120);
    await project.pulumi(["preview", "--expect-no-changes"], 120);
  });
});
