// limit: 2700 s
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { CHECKOUT, run } from "../../lab/demo/commands.js";
import type { Sight } from "../../lab/demo/gather.js";
import { MainJob } from "../../lab/demo/main-job.js";
import { renderSight, renderTimelines } from "../../lab/demo/report.js";
import type { Traces } from "../../lab/demo/traces.js";

const VOTERS = ["node01", "node02", "node03"];
const ALL = [...VOTERS, "node04"];

describe("the main job, from bare metal to a running cluster and back", function () {
  this.bail(true);
  const job = new MainJob(false);
  let stackFile = "";
  let bareHost: string[] = [];
  const whole = (voters: string[]) => job.wholeSight(voters, (missing) => console.log(`looking again: ${missing}`));

  before(async function () {
    this.timeout("24 min");
    if (existsSync(path.join(CHECKOUT, ".rack/dev/rack.json"))) {
      throw new Error("rack dev is up already: take it down with `npm run rack -- down`, then start again");
    }
    stackFile = await job.stackFile();
    await job.rackUp();
    bareHost = await job.host();
  });

  after(async function () {
    this.timeout("3 min");
    await job.rackDown();
    if (stackFile !== "") await job.writeStackFile(stackFile);
  });

  it("brings three blank machines to a healthy cluster with one pulumi up", async function () {
    this.timeout("30 min");
    await job.up();
    const sight = await whole(VOTERS);
    console.log(`\n${renderSight(sight)}\n\n${renderTimelines(await job.timelines())}\n`);
  });

  it("previews no change afterwards, and an up touches no machine", async function () {
    this.timeout("5 min");
    const traces: Traces = await job.traces();
    const host = await job.host();
    const machines = await job.witnesses(VOTERS);
    const changes = await job.plannedChanges();
    assert.deepEqual(changes, {});
    await job.upWithoutChange();
    assert.deepEqual(await job.traces(), traces, "power calls or boots");
    assert.deepEqual(
      await job.host(),
      host,
      "files, units, ports, users or addresses of the provisioning host changed",
    );
    const asked = Object.entries(machines).map(([name, seen]) => [name, { ...seen, logins: seen.logins + 1 }] as const);
    assert.deepEqual(await job.witnesses(VOTERS), Object.fromEntries(asked), "the only login is this test's own");
  });

  it("adds a fourth machine: the preview shows its resources only, the others keep their boots and members", async function () {
    this.timeout("24 min");
    const machines = await job.witnesses(VOTERS);
    const members = raftIds(await job.sight());
    await job.addNode("node04");
    const changes = await job.plannedChanges();
    assert.deepEqual(
      Object.entries(changes).filter(([name, op]) => !name.includes("node04") || op !== "create"),
      [],
    );
    assert.deepEqual(Object.keys(changes).sort(), ["chainfire-node04", "flaredb-node04", "node04", "node04-identity"]);
    await job.up();
    const sight = await whole(ALL);
    const { node04: joined, ...others } = raftIds(sight);
    assert.match(joined ?? "", /^[0-9a-f]+ [0-9a-f]+$/);
    assert.deepEqual(others, members, "ids that raft itself gave the members");
    const after = await job.witnesses(VOTERS);
    for (const name of VOTERS) assert.equal(after[name]?.bootId, machines[name]?.bootId, `${name} was rebooted`);
  });

  it("changes one node's label in place, and restarts another for its kernel parameter: no installation, no other node", async function () {
    this.timeout("20 min");
    const before = await job.witnesses(ALL);
    const traces = await job.traces();
    await job.relabel("node02", "b2");
    await job.addKernelParameter("node04", "loglevel=5");
    assert.deepEqual(await job.plannedChanges(), { node02: "update", node04: "update" });
    await job.up();
    await whole(ALL);
    const after = await job.witnesses(ALL);
    assert.notEqual(after.node02?.toplevel, before.node02?.toplevel);
    for (const name of VOTERS) assert.equal(after[name]?.bootId, before[name]?.bootId, `${name} was rebooted`);
    assert.notEqual(after.node04?.bootId, before.node04?.bootId, "node04 was not rebooted");
    const cmdline = await run("rack", ["ssh", "node04", "--", "cat /proc/cmdline"], {
      show: false,
      deadlineMs: 60_000,
    });
    assert.match(cmdline, / loglevel=5( |$)/m);
    for (const name of ["node01", "node03"]) {
      assert.equal(after[name]?.logins, (before[name]?.logins ?? 0) + 1, `${name} was logged in to`);
    }
    // The rack counts the restart that the operating system makes by itself as a boot and as a power event, too.
    const one = { boots: traces.boots + 1, powerEvents: traces.powerEvents + 1 };
    assert.deepEqual(await job.traces(), { ...traces, ...one }, "BMC writes, or more than one boot");
  });

  it("installs a machine anew when its generation is raised: its members leave and vote again, the others stay", async function () {
    this.timeout("24 min");
    const machines = await job.witnesses(ALL);
    const members = raftIds(await job.sight());
    await job.setGeneration("node03", 2);
    const changes = await job.plannedChanges();
    assert.deepEqual(Object.keys(changes).sort(), ["chainfire-node03", "flaredb-node03", "health", "node03"]);
    await job.up();
    const { node03: anew, ...others } = raftIds(await whole(ALL));
    const { node03: old, ...before } = members;
    assert.deepEqual(others, before);
    for (const [i, id] of (anew ?? "").split(" ").entries()) assert.notEqual(id, old?.split(" ")[i]);
    const config = "/etc/nixos/secrets/cluster-config.json";
    const told = await run("rack", ["ssh", "node03", "--", `grep bootstrap ${config}`], {
      show: false,
      deadlineMs: 60_000,
    });
    assert.match(told, /"bootstrap": false/, "a machine without data must not form another cluster");
    assert.deepEqual(await job.plannedChanges(), {});
    const after = await job.witnesses(ALL);
    assert.notEqual(after.node03?.bootId, machines.node03?.bootId);
    for (const name of ["node01", "node02", "node04"])
      assert.equal(after[name]?.bootId, machines[name]?.bootId, `${name} was rebooted`);
  });

  it("takes a machine out: its members leave, its disk is wiped, it is switched off", async function () {
    this.timeout("16 min");
    const machines = await job.witnesses(VOTERS);
    const { node04: _, ...members } = raftIds(await job.sight());
    await job.setOnDelete("node04", "wipe");
    await job.up();
    await job.removeNode("node04");
    const changes = await job.plannedChanges();
    const { health: _health, ...deleted } = changes;
    assert.deepEqual(
      Object.entries(deleted).sort(),
      ["chainfire-node04", "flaredb-node04", "node04", "node04-identity"].map((name) => [name, "delete"]),
    );
    await job.up();
    assert.deepEqual(raftIds(await whole(VOTERS)), members);
    assert.equal((await powers()).node04, "off");
    const after = await job.witnesses(VOTERS);
    for (const name of VOTERS) assert.equal(after[name]?.bootId, machines[name]?.bootId, `${name} was rebooted`);
  });

  it("puts another machine in a dead one's place: the dead voter goes, the new one joins under its own raft ids", async function () {
    this.timeout("30 min");
    const { node03: dead, ...members } = raftIds(await job.sight());
    await run("rack", ["power", "node03", "off"], { show: false, deadlineMs: 60_000 });
    await job.giveMachine("node03", 4);
    const changes = await job.plannedChanges();
    assert.deepEqual(Object.keys(changes).sort(), ["chainfire-node03", "flaredb-node03", "health", "node03"]);
    await job.up();
    const { node03: anew, ...others } = raftIds(await whole(VOTERS));
    assert.deepEqual(others, members);
    for (const [i, id] of (anew ?? "").split(" ").entries()) assert.notEqual(id, dead?.split(" ")[i]);
    const power = await powers();
    assert.deepEqual([power.node03, power.node04], ["off", "on"], "the rack's names are those of the machines");
    assert.deepEqual(await job.plannedChanges(), {});
  });

  it("destroys: the cluster ends, machines are off, the provisioning host is clean", async function () {
    this.timeout("24 min");
    await job.destroy();
    for (const [name, power] of Object.entries(await powers())) assert.equal(power, "off", `${name} is on`);
    assert.deepEqual(withoutTimes(await job.host()), withoutTimes(bareHost), "what the provisioning host holds");
  });
});

/** Machine → "on" or "off", by the rack. */
async function powers(): Promise<Record<string, string>> {
  const status = JSON.parse(await run("rack", ["status", "--json"], { show: false, deadlineMs: 30_000 })) as {
    machines: { name: string; power: string }[];
  };
  return Object.fromEntries(status.machines.map(({ name, power }) => [name, power.toLowerCase()]));
}

/** Node → raft's own ids in Chainfire and FlareDB. */
function raftIds({ raft }: Sight): Record<string, string> {
  const ids: Record<string, string> = {};
  for (const { members } of raft) {
    for (const { id, raft_id } of members)
      ids[id] = [ids[id], raft_id ?? ""].filter((each) => each !== undefined).join(" ");
  }
  return ids;
}

function withoutTimes(host: string[]): string[] {
  return host.map((line) => line.replace(/ \d+\.\d+$/, ""));
}
