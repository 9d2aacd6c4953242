// limit: 480 s
import assert from "node:assert/strict";
import { hostname, userInfo } from "node:os";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { RackEvents } from "../rack-events.js";

const UP = ["up", "--yes", "--skip-preview"];

describe("two operators, each with a state of their own, work on one cluster", function () {
  this.bail(true);
  let rack: LaunchedRack;
  let first: SimulatedProject;
  let second: SimulatedProject;
  const runs: Promise<unknown>[] = [];

  before(async function () {
    this.timeout(120_000);
    // An installation takes longer here than the second one's start.
    rack = await LaunchedRack.start({ machines: 1, seed: "two operators", speed: 6 });
    [first, second] = await Promise.all([SimulatedProject.make(rack), SimulatedProject.make(rack, undefined, "night")]);
  });
  after(async () => {
    await Promise.all(runs);
    await rack?.stop();
    first?.remove();
    second?.remove();
  });

  it("the second is told who is at work, on what, and until when its lock holds; it waits, and goes on when the first has ended", async function () {
    this.timeout(200_000);
    const events = new RackEvents(rack);
    let isOver = false;
    const one = first.start(UP, 150);
    runs.push(one.finally(() => (isOver = true)));
    await events.until(
      ({ event }) => event === "power",
      () => isOver,
    );
    const refused = await second.start(UP, 100, { FLINT_LOCK_TIMEOUT: "0" });
    assert.equal(isOver, false, "the first is at work");
    assert.notEqual(refused.exitCode, 0);
    const who = `${userInfo().username}@${hostname()} \\(stack sim, process \\d+\\)`;
    const atWork = `${who}, at work since [\\d-]+ [\\d:]+ UTC for create of [\\w-]+; its lock expires in (\\d+) s`;
    const said = new RegExp(
      `cluster sim, provisioning host: expected nobody else at work on it but found ${atWork}, and is renewed while that run lives\\. Run the same command again when that run has ended\\. To take the lock over, which ends that run: FLINT_TAKE_OVER=[0-9a-f]{6} pulumi up\\. Nothing was changed\\. \\[HOST_LOCKED\\]`,
    ).exec(refused.all.replaceAll(/\s+/g, " "));
    assert.ok(said, refused.all);
    assert.ok(Number(said[1]) > 0 && Number(said[1]) <= 30, said[1]);

    const two = second.start(UP, 150, { FLINT_LOCK_TIMEOUT: "100" });
    runs.push(two);
    const [ended, next] = await Promise.all([one, two]);
    assert.equal(ended.exitCode, 0, ended.all);
    assert.equal(next.exitCode, 0, next.all);
    assert.match(next.all.replaceAll(/\s+/g, " "), new RegExp(`waiting for ${atWork} if that run has ended`));
    assert.match(next.all, /cluster sim was there before this stack: its keys were found on provisioning host\./);
  });

  it("no machine was touched by the second, and both have the cluster", async function () {
    this.timeout(120_000);
    const { counts, violations, machines } = await rack.status();
    assert.deepEqual(violations, []);
    assert.deepEqual(Object.values(counts.node01?.wipes ?? {}), [1]);
    assert.deepEqual(Object.values(counts.node01?.installs ?? {}), [1]);
    assert.equal(machines.node01?.runs, "system");
    for (const project of [first, second])
      assert.match(await project.pulumi(["stack", "output", "health"], 60), /^1 node healthy; /);
  });
});
