// limit: 300 s
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { killTree, marked } from "../kills/process-tree.js";
import { RackEvents } from "../rack-events.js";

const UP = ["up", "--yes", "--skip-preview"];
const AT_WORK = "\\S+@\\S+ \\(stack sim, process \\d+\\), at work since [\\d-]+ [\\d:]+ UTC for create of [\\w-]+";

describe("two operators work on one cluster", function () {
  this.bail(true);
  let rack: LaunchedRack;
  let first: SimulatedProject;
  let second: SimulatedProject;

  before(async function () {
    this.timeout(120_000);
    // An installation takes longer here than anybody waits for a lock.
    rack = await LaunchedRack.start({ machines: 2, seed: "operators", speed: 2.2 });
    const cluster = rack.cluster(({ nodes }) => delete nodes.node02);
    first = await SimulatedProject.make(rack, cluster);
    second = await SimulatedProject.make(rack, cluster);
  });
  after(async () => {
    await rack?.stop();
    first?.remove();
    second?.remove();
  });

  const once = async () => {
    const { counts, violations, machines } = await rack.status();
    assert.deepEqual(violations, []);
    assert.deepEqual(Object.values(counts.node01?.wipes ?? {}), [1]);
    assert.deepEqual(Object.values(counts.node01?.installs ?? {}), [1]);
    assert.equal(machines.node01?.runs, "system");
  };

  it("the second is told who is at work; when it takes the lock over, the first ends, and the machine is installed once", async function () {
    this.timeout(240_000);
    const events = new RackEvents(rack);
    const one = first.start(UP, 200);
    await events.until(({ event }) => event === "power", isOver(one));
    const refused = await second.start(UP, 120);
    assert.notEqual(refused.exitCode, 0);
    const text = refused.all.replaceAll(/\s+/g, " ");
    assert.match(text, new RegExp(`waiting for ${AT_WORK}; its lock expires in \\d+ s if that run has ended`));
    const found = new RegExp(
      `cluster sim, provisioning host: expected nobody else at work on it but found ${AT_WORK}; its lock expires in \\d+ s, and is renewed while that run lives\\. Run the same command again when that run has ended\\. To take the lock over, which ends that run: FLINT_TAKE_OVER=([0-9a-f]{6}) pulumi up\\. Nothing was changed\\. \\[HOST_LOCKED\\]`,
    ).exec(text);
    assert.ok(found, text);
    const two = second.start(UP, 150, { FLINT_TAKE_OVER: found[1] ?? "" });
    const ended = await one;
    assert.notEqual(ended.exitCode, 0);
    assert.match(ended.all, new RegExp(`${AT_WORK} took the lock over before it was finished`));
    const { exitCode, all } = await two;
    assert.equal(exitCode, 0, all);
    await once();
  });

  it("the CLI is killed while its provider works: the next `up` waits for that, and goes on", async function () {
    this.timeout(200_000);
    const run = randomUUID();
    second.declare(rack.cluster());
    const events = new RackEvents(rack);
    const child = second.start(UP, 120, marked(run));
    await events.until(({ event, machine }) => event === "installer-up" && machine === "node02", isOver(child));
    child.kill("SIGKILL");
    await child;
    await second.pulumi(["cancel", "--yes"], 60);
    const next = await second.start(UP, 150);
    await killTree(run);
    assert.equal(next.exitCode, 0, next.all);
    await once();
    const { counts } = await rack.status();
    assert.deepEqual(Object.values(counts.node02?.installs ?? {}), [1]);
  });
});

function isOver(run: Promise<unknown>): () => boolean {
  let over = false;
  void run.finally(() => {
    over = true;
  });
  return () => over;
}
