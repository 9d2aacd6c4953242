// limit: 2400 s
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { CHECKOUT, run } from "../../lab/demo/commands.js";
import { MainJob } from "../../lab/demo/main-job.js";
import { renderSight, renderTimelines, shortcomings } from "../../lab/demo/report.js";
import type { Traces } from "../../lab/demo/traces.js";

const VOTERS = ["node01", "node02", "node03"];

describe("the main job, from bare metal to a running cluster and back", function () {
  this.bail(true);
  const job = new MainJob(false);
  let stackFile = "";

  before(async function () {
    this.timeout("12 min");
    if (existsSync(path.join(CHECKOUT, ".rack/dev/rack.json"))) {
      throw new Error("rack dev is up already: take it down with `npm run rack -- down`, then start again");
    }
    stackFile = await job.stackFile();
    await job.rackUp();
  });

  after(async function () {
    this.timeout("3 min");
    await job.rackDown();
    if (stackFile !== "") await job.writeStackFile(stackFile);
  });

  it("brings three blank machines to a healthy cluster with one pulumi up", async function () {
    this.timeout("22 min");
    await job.up();
    const sight = await job.sight();
    console.log(`\n${renderSight(sight)}\n\n${renderTimelines(await job.timelines())}\n`);
    assert.deepEqual(shortcomings(sight, VOTERS), []);
  });

  it("previews no change afterwards, and an up touches no machine", async function () {
    this.timeout("5 min");
    const before: Traces = await job.traces();
    const changes = await job.plannedChanges();
    assert.deepEqual(changes, {});
    await job.upWithoutChange();
    assert.deepEqual(await job.traces(), before);
  });

  it("adds a fourth machine: the preview shows its resources only, the others keep their boots and members", async function () {
    this.timeout("12 min");
    const before = await job.machines();
    await job.addNode("node04");
    const changes = await job.plannedChanges();
    assert.deepEqual(
      Object.entries(changes).filter(([name, op]) => !name.includes("node04") || op !== "create"),
      [],
    );
    assert.equal(Object.keys(changes).length, 7, `resources of a voter: ${Object.keys(changes).join(", ")}`);
    await job.up();
    assert.deepEqual(shortcomings(await job.sight(), [...VOTERS, "node04"]), []);
    const after = await job.machines();
    for (const name of VOTERS) assert.equal(after[name]?.bootId, before[name]?.bootId, `${name} was rebooted`);
  });

  it("changes one node's label in place: only that node is switched, without a reboot or an installation", async function () {
    this.timeout("8 min");
    const before = await job.machines();
    const traces = await job.traces();
    await job.relabel("node02", "b2");
    assert.deepEqual(await job.plannedChanges(), { node02: "update" });
    await job.up();
    const after = await job.machines();
    assert.notEqual(after.node02?.toplevel, before.node02?.toplevel);
    for (const name of [...VOTERS, "node04"]) assert.equal(after[name]?.bootId, before[name]?.bootId);
    assert.deepEqual(await job.traces(), traces);
  });

  it("destroys: members leave, machines are off, the provisioning host is clean", async function () {
    this.timeout("12 min");
    await job.destroy();
    const status = JSON.parse(await run("rack", ["status", "--json"], { show: false, deadlineMs: 30_000 })) as {
      machines: { name: string; power: string }[];
    };
    for (const machine of status.machines) assert.equal(machine.power.toLowerCase(), "off", `${machine.name} is on`);
  });
});
