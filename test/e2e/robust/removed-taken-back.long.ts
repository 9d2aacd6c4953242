// limit: 300 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { type Moment, runAndKill } from "../kills/killed-run.js";
import { RackEvents } from "../rack-events.js";
import { nodeOf } from "./counts.js";

const NODE = "node02";
const UP = ["up", "--yes", "--skip-preview"];

describe("the removal of a machine that is left running was killed when its registration was gone, and is taken back", function () {
  this.bail(true);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  const declare = (isThere: boolean) =>
    project.declare(
      rack.cluster((args) => {
        if (isThere) Object.assign(nodeOf(args, NODE), { profile: "worker", bootstrap: false, onDelete: "leave" });
        else delete args.nodes[NODE];
      }),
    );
  const registered = async () =>
    Object.keys((await rack.status()).files).filter((path) => path === `dnsmasq/hosts.d/${NODE}`);

  before(async function () {
    this.timeout(150_000);
    rack = await LaunchedRack.start({ machines: 2, seed: "removed, taken back", speed: 40 });
    project = await SimulatedProject.make(rack);
    declare(true);
    await project.up();
    const events = new RackEvents(rack);
    const unregistered: Moment = {
      ...{ milliseconds: 0, frozen: true },
      hasCome: (news) =>
        news.some(({ machine, what }) => machine === "pxe1" && /^rm .*\/dnsmasq\/hosts\.d\/node02/.test(String(what))),
    };
    declare(false);
    const { killed, output } = await runAndKill(rack, project, UP, unregistered, () => events.next());
    assert.ok(killed, output);
    rack.thaw();
    declare(true);
    assert.deepEqual(await registered(), []);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("a plain `up` refuses to call the cluster healthy, although all services answer, and names the command", async function () {
    this.timeout(140_000);
    const { exitCode, all } = await project.start(UP, 60);
    assert.notEqual(exitCode, 0, all);
    assert.ok(
      all.includes(
        "cluster sim: expected cluster sim to be healthy but found node02 without registration: a run that was ended had taken it out. " +
          "`pulumi up --refresh` looks at it, and makes what is missing anew. [CLUSTER_UNHEALTHY]",
      ),
      all,
    );
  });

  it("that command registers it again, without a restart, and nothing is left to be done", async function () {
    this.timeout(140_000);
    const { machines: before } = await rack.status();
    const output = await project.pulumi([...UP, "--refresh"], 60);
    assert.match(output, /warning: node02 is not registered on provisioning host any more: `pulumi up` registers it\./);
    const { machines, violations } = await rack.status();
    assert.deepEqual(violations, []);
    assert.deepEqual(await registered(), [`dnsmasq/hosts.d/${NODE}`]);
    assert.equal(machines[NODE]?.bootId, before[NODE]?.bootId);
    await project.pulumi(["preview", "--refresh", "--expect-no-changes"], 60);
  });
});
