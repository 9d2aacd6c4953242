// limit: 300 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { type Moment, runAndKill } from "../kills/killed-run.js";
import { RackEvents } from "../rack-events.js";
import { nodeOf } from "./counts.js";

const NODE = "node02";
const UP = ["up", "--yes", "--skip-preview"];

describe("the removal of a machine was killed in its wipe, and is taken back", function () {
  this.bail(true);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  const declare = (generation?: number) =>
    project.declare(
      rack.cluster((args) => {
        if (generation === undefined) delete args.nodes[NODE];
        else Object.assign(nodeOf(args, NODE), { generation, profile: "worker", bootstrap: false, onDelete: "wipe" });
      }),
    );

  before(async function () {
    this.timeout(150_000);
    rack = await LaunchedRack.start({ machines: 2, seed: "wipe taken back", speed: 40 });
    project = await SimulatedProject.make(rack);
    declare(1);
    await project.up();
    const events = new RackEvents(rack);
    const erased: Moment = {
      ...{ milliseconds: 0, frozen: true },
      hasCome: (news) => news.some(({ event, machine }) => event === "erase" && machine === NODE),
    };
    declare();
    const { killed, output } = await runAndKill(rack, project, UP, erased, () => events.next());
    assert.ok(killed, output);
    rack.thaw();
    declare(1);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("a plain `up` refuses to call the cluster healthy, although all services answer, and says what to do", async function () {
    this.timeout(140_000);
    const { exitCode, all } = await project.start(UP, 60);
    assert.notEqual(exitCode, 0, all);
    assert.ok(
      all.includes(
        "cluster sim: expected cluster sim to be healthy but found node02 without its whole disk: a run that was ended had begun to " +
          "wipe it, and what answers there answers from memory. Raise its generation to install it anew, or take it out again; " +
          "then run `pulumi up`. [CLUSTER_UNHEALTHY]",
      ),
      all,
    );
  });

  it("a refresh, which Pulumi asks for, says that the machine answers from memory; the next `up` refuses it and says what to do", async function () {
    this.timeout(140_000);
    const refresh = await project.pulumi(["refresh", "--yes", "--skip-preview"], 60);
    assert.match(
      refresh,
      /warning: node02 answers from memory: a run that was ended has begun to wipe its disk\. Raise its generation to install it anew, or take it out\./,
    );
    const { exitCode, all } = await project.start(UP, 60);
    assert.notEqual(exitCode, 0, all);
    assert.match(
      all,
      /node02 at 10\.77\.1\.3, first look: .* Raise its generation and run `pulumi up` again: it is let go, and installed anew\. \[NODE_WIPED\]/,
    );
  });

  it("with a raised generation it is installed anew, once", async function () {
    this.timeout(140_000);
    declare(2);
    assert.match(
      await project.up(120),
      /node02: generation 2: it is let go as its onDelete says \(wipe\), and installed anew: its disk is formatted\. It does not vote: no quorum is asked\./,
    );
    const { machines, counts, violations } = await rack.status();
    assert.deepEqual(violations, []);
    assert.equal(machines[NODE]?.runs, "system");
    assert.deepEqual(counts[NODE]?.wipes, { "DISK-2": 2 }, "once in each generation");
    await project.pulumi(["preview", "--expect-no-changes"], 60);
  });
});
