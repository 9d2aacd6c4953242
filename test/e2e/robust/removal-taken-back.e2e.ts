// limit: 500 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { runAndKill } from "../kills/killed-run.js";
import { NEVER } from "../kills/moments.js";
import { RackEvents } from "../rack-events.js";
import { nodeOf } from "./counts.js";

const NODE = "node03";
const UP = ["up", "--yes", "--skip-preview"];
const flat = (text: string) => text.replaceAll(/\s+/g, " ");

/** The state still has the member then, and the other service's has not left. */
describe("a run is killed when a voter that is taken out has left its first service, and then the voter is declared again", function () {
  this.bail(true);
  this.timeout(200_000);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  const declare = (isIn: boolean) =>
    project.declare(
      rack.cluster((args) => {
        if (isIn) nodeOf(args, NODE);
        else delete args.nodes[NODE];
      }),
    );

  before(async () => {
    rack = await LaunchedRack.start({ machines: 3, seed: "removal taken back", speed: 40 });
    project = await SimulatedProject.make(rack);
    await project.up(120);
    const events = new RackEvents(rack);
    declare(false);
    const left = {
      ...NEVER,
      hasCome: (news: ReturnType<RackEvents["next"]>) =>
        news.some(({ event, id }) => event === "member-removed" && id === NODE),
    };
    const { killed, output } = await runAndKill(rack, project, UP, left, () => events.next());
    assert.ok(killed, output);
    rack.thaw();
    declare(true);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("a plain `up`, for which the state has all that is declared, says who does not vote, and what looks at it", async () => {
    const { exitCode, all } = await project.start(UP, 120);
    assert.notEqual(exitCode, 0, all);
    assert.match(flat(all), /FlareDB: node03 does not vote/);
    assert.match(
      flat(all),
      /If a run that was ended had begun to take node03 out: `pulumi up --refresh` looks at it, and makes what is missing anew\. \[CLUSTER_UNHEALTHY\]/,
    );
  });

  it("`pulumi up --refresh` has it join again, once; nothing is done to the machine", async () => {
    const before = await rack.status();
    const events = new RackEvents(rack);
    await project.pulumi(["up", "--refresh", "--yes", "--skip-preview"], 120);
    assert.deepEqual(
      events.next().flatMap(({ event, service, id }) => (event === "member-added" ? [[service, id]] : [])),
      [["flaredb", NODE]],
    );
    const after = await rack.status();
    assert.deepEqual(after.violations, []);
    assert.equal(after.machines[NODE]?.bootId, before.machines[NODE]?.bootId);
    assert.match(await project.pulumi(["stack", "output", "health"], 60), /^3 nodes healthy; /);
    await project.pulumi(["preview", "--expect-no-changes"], 60);
  });
});
