// limit: 600 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { RAFT_SERVICES } from "../kills/changes.js";
import { type RackEvent, RackEvents } from "../rack-events.js";
import { nodeOf, workOn } from "./counts.js";

/** The voter that breaks, and the machine that is put in its place. */
const NODE = "node03";
const SPARE = "node04";

describe("another machine is put in a voter's place, by its card:", function () {
  this.bail(true);
  this.timeout(240_000);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let events: RackEvents;

  const declare = (machine: string) =>
    project.declare(
      rack.cluster((args) => {
        const { mac, clusterMac, serial, bmc, disk } = nodeOf(args, machine);
        Object.assign(nodeOf(args, NODE), { mac, clusterMac, serial, bmc, disk });
        delete args.nodes[SPARE];
      }),
    );

  before(async () => {
    rack = await LaunchedRack.start({ machines: 4, seed: "other-machine", speed: 40 });
    project = await SimulatedProject.make(rack);
    events = new RackEvents(rack);
    declare(NODE);
    await project.up(200);
    events.next();
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("the preview says that it leaves the cluster, and what is left of the quorum meanwhile", async () => {
    declare(SPARE);
    const text = await project.pulumi(["preview"], 120);
    assert.match(text, /BareMetalNode node03 replace/);
    for (const service of ["Chainfire", "FlareDB"])
      assert.match(
        text,
        new RegExp(
          `${service}: 3 voters .*node03 is replaced: the old identity goes, the new one joins; .*Quorum 2 of 3`,
        ),
      );
    assert.doesNotMatch(text, /begun/);
  });

  it("the old one leaves, keeps its disk and is let go; the new one is installed and joins: each once", async () => {
    const before = await rack.status();
    await project.up(200);
    const seen: RackEvent[] = events.next();
    const after = await rack.status();
    assert.deepEqual(workOn(before, after, NODE), { formatted: 0, installed: 0 });
    assert.deepEqual(workOn(before, after, SPARE), { formatted: 1, installed: 1 });
    assert.equal(after.machines[NODE]?.power, "Off");
    assert.equal(after.machines[SPARE]?.runs, "system");
    const membership = seen.filter(({ event }) => event === "member-added" || event === "member-removed");
    for (const service of RAFT_SERVICES)
      assert.deepEqual(
        membership.filter((each) => each.service === service).map(({ event, id }) => [event, id]),
        [
          ["member-removed", NODE],
          ["member-added", NODE],
        ],
        service,
      );
    assert.deepEqual(after.violations, []);
  });

  it("then there is nothing left to do", async () => {
    assert.match(await project.pulumi(["stack", "output", "health"], 60), /^3 nodes healthy; /);
    await project.pulumi(["preview", "--expect-no-changes"], 120);
  });
});
