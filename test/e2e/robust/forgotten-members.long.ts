// limit: 600 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { RAFT_SERVICES } from "../kills/changes.js";
import { runAndKill } from "../kills/killed-run.js";
import { afterMemberAdded, letIn, lockedOut } from "../kills/moments.js";
import { type RackEvent, RackEvents } from "../rack-events.js";
import { nodeOf, workOn } from "./counts.js";

const NODE = "node03";

async function urnOf(project: SimulatedProject, end: string): Promise<string> {
  const state = JSON.parse(await project.pulumi(["stack", "export"], 60)) as {
    deployment: { resources: { urn: string }[] };
  };
  const urns = state.deployment.resources.map(({ urn }) => urn);
  return urns.find((each) => each.endsWith(end)) ?? assert.fail(urns.join("\n"));
}

/** Takes a node's members out of the state, as after a run that was killed before it had made them. */
async function forgetMembers(project: SimulatedProject, node: string): Promise<void> {
  const urn = await urnOf(project, `::chainfire-${node}`);
  // FlareDB's member and the cluster's health depend on it.
  await project.pulumi(["state", "delete", urn, "--target-dependents", "--yes"], 60);
}

/** Where in these events it happened: to a machine, or to a member of one service. */
const placesOf = (seen: readonly RackEvent[], node: string) => (event: string, service?: string) =>
  seen.flatMap((each, i) =>
    each.event === event &&
    (service === undefined ? each.machine === node : each.service === service && each.id === node)
      ? [i]
      : [],
  );

const leaves = (node: string, title: string) =>
  new RegExp(`${node} is a member of ${title}, which the state does not know: it leaves before it is let go\\.`);

describe("a voter is to be installed anew, and the state does not know its members", function () {
  this.bail(true);
  this.timeout(200_000);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  const declare = (generation: number) =>
    project.declare(
      rack.cluster((args) => {
        nodeOf(args, NODE).generation = generation;
      }),
    );

  before(async () => {
    rack = await LaunchedRack.start({ machines: 3, seed: "forgotten", speed: 40 });
    project = await SimulatedProject.make(rack);
    await project.up(200);
    await forgetMembers(project, NODE);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("it is refused while another voter is down: nothing is done to it", async () => {
    await rack.inject({ machines: { node02: { machine: { powerFails: true } } } });
    const before = await rack.status();
    declare(2);
    const { exitCode, all } = await project.start(["up", "--yes", "--skip-preview"], 200);
    assert.notEqual(exitCode, 0);
    assert.match(
      all.replaceAll(/\s+/g, " "),
      /node03, leaving the cluster, chainfire: expected 2 of 3 healthy voters to remove it, and 2 of 2 afterwards but found 2 healthy now, 1 without it \(node01\)\. Bring the other members back first, then run `pulumi up` again\. Nothing was removed\. \[QUORUM_AT_RISK\]/,
    );
    const after = await rack.status();
    assert.deepEqual(after.machines[NODE], before.machines[NODE]);
    assert.deepEqual(workOn(before, after, NODE), { formatted: 0, installed: 0 });
    assert.deepEqual(after.violations, []);
    // The other one is back, and all as it was.
    await rack.inject({ machines: { node02: { machine: {} } } });
    declare(1);
    await project.pulumi(["up", "--yes", "--skip-preview", "--refresh"], 200);
    await forgetMembers(project, NODE);
  });

  it("it leaves both services while it serves them, and joins them again: each once", async () => {
    const before = await rack.status();
    const events = new RackEvents(rack);
    events.next();
    declare(2);
    const output = await project.up(200);
    for (const title of ["Chainfire", "FlareDB"]) assert.match(output.replaceAll(/\s+/g, " "), leaves(NODE, title));
    const at = placesOf(events.next(), NODE);
    const [off = -1] = at("power");
    const [formatted = -1] = at("format");
    for (const service of RAFT_SERVICES) {
      const [left = -1, ...again] = at("member-removed", service);
      const [joined = -1, ...twice] = at("member-added", service);
      const order = [left, off, formatted, joined];
      assert.ok(left >= 0 && order.every((each, i) => each > (order[i - 1] ?? -1)), `${service}: ${order.join()}`);
      assert.deepEqual([again, twice], [[], []], service);
    }
    const after = await rack.status();
    assert.deepEqual(workOn(before, after, NODE), { formatted: 1, installed: 1 });
    assert.deepEqual(after.violations, []);
  });

  it("then there is nothing left to do", async () => {
    assert.match(await project.pulumi(["stack", "output", "health"], 60), /^3 nodes healthy; /);
    await project.pulumi(["preview", "--expect-no-changes"], 60);
  });

  it("one that `--target` names is kept where no voter that stays is named with it", async () => {
    await forgetMembers(project, NODE);
    const target = ["--target", await urnOf(project, `BareMetalNode::${NODE}`)];
    project.declare(
      rack.cluster((args) => {
        delete args.nodes[NODE];
      }),
    );
    const before = await rack.status();
    for (const command of ["up", "destroy"]) {
      const { exitCode, all } = await project.start([command, "--yes", "--skip-preview", ...target], 200);
      assert.notEqual(exitCode, 0);
      assert.match(
        all.replaceAll(/\s+/g, " "),
        /error: node03, leaving the cluster: expected a voter that stays, to say who goes on without it but found that `--target` names this machine, and none that stays\. Take node03 out of the stack file and run `pulumi up` without `--target`, or with another one for the machine of a voter that stays\. To end the whole cluster, target its ClusterComponent\. Nothing was done to it\. \[QUORUM_UNKNOWN\]/,
      );
      assert.deepEqual((await rack.status()).machines[NODE], before.machines[NODE], command);
    }
  });

  it("it leaves where one is", async () => {
    const targets = await Promise.all(["node01", NODE].map((node) => urnOf(project, `BareMetalNode::${node}`)));
    const argv = ["up", "--yes", "--skip-preview", ...targets.flatMap((urn) => ["--target", urn])];
    const output = (await project.pulumi(argv, 200)).replaceAll(/\s+/g, " ");
    for (const title of ["Chainfire", "FlareDB"]) assert.match(output, leaves(NODE, title));
    const { machines, violations } = await rack.status();
    assert.deepEqual(violations, []);
    assert.deepEqual([machines[NODE]?.power, machines.node01?.power], ["Off", "On"]);
  });

  it("a destroy asks no quorum for another one", async () => {
    await forgetMembers(project, "node02");
    const destroyed = await project.pulumi(["destroy", "--yes", "--skip-preview"], 200);
    assert.doesNotMatch(destroyed, /which the state does not know/);
    const { machines, violations } = await rack.status();
    assert.deepEqual(violations, []);
    assert.deepEqual(
      Object.values(machines).map(({ power }) => power),
      ["Off", "Off", "Off"],
    );
  });
});

describe("a voter's creation is killed when its system has joined by itself, and then it is taken out", function () {
  this.bail(true);
  this.timeout(200_000);
  const name = "node04";
  let rack: LaunchedRack;
  let project: SimulatedProject;
  const declare = (isIn: boolean) =>
    project.declare(
      rack.cluster((args) => {
        nodeOf(args, name).profile = "control-plane";
        if (!isIn) delete args.nodes[name];
      }),
    );
  const told = async () => (await project.up(200)).replaceAll(/\s+/g, " ");

  before(async () => {
    rack = await LaunchedRack.start({ machines: 4, seed: "taken out", speed: 40 });
    project = await SimulatedProject.make(rack);
    declare(false);
    await project.up(200);
    const events = new RackEvents(rack);
    declare(true);
    await rack.inject(lockedOut(name));
    const argv = ["up", "--yes", "--skip-preview"];
    const { killed, output } = await runAndKill(rack, project, argv, afterMemberAdded("flaredb", name), () =>
      events.next(),
    );
    assert.ok(killed, output);
    rack.thaw();
    await rack.inject(letIn(name));
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("it is said that it is left as it is, and how to let it go", async () => {
    declare(false);
    assert.match(
      await told(),
      /node04 is registered on the provisioning host still, and in no state: a run that was killed has left it as it is now\. To let it go, declare it again as it was, run `pulumi up`, and take it out then; its keys are kept for that\./,
    );
    assert.equal((await rack.status()).machines[name]?.runs, "system");
  });

  it("declared again it is taken over as it runs", async () => {
    const before = await rack.status();
    declare(true);
    await project.up(200);
    const after = await rack.status();
    assert.deepEqual(after.machines[name], before.machines[name]);
    assert.deepEqual(workOn(before, after, name), { formatted: 0, installed: 0 });
    await project.pulumi(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"], 60);
    await project.pulumi(["preview", "--expect-no-changes"], 60);
  });

  it("taken out then it leaves, and nothing of it is left", async () => {
    declare(false);
    assert.doesNotMatch(await told(), /registered on the provisioning host still/);
    const { machines, files, violations } = await rack.status();
    assert.deepEqual(violations, []);
    assert.equal(machines[name]?.power, "Off");
    assert.deepEqual(
      Object.keys(files).filter((path) => path.includes(name)),
      [],
    );
    assert.match(await project.pulumi(["stack", "output", "health"], 60), /^3 nodes healthy; Chainfire 3 members/);
  });

  it("one that is taken out, and whose members the state does not know, leaves all the same", async () => {
    declare(true);
    await project.up(200);
    await forgetMembers(project, name);
    const events = new RackEvents(rack);
    events.next();
    declare(false);
    const output = await told();
    const at = placesOf(events.next(), name);
    for (const [service, title] of [
      ["chainfire", "Chainfire"],
      ["flaredb", "FlareDB"],
    ] as const) {
      assert.match(output, leaves(name, title));
      const [left = -1, ...again] = at("member-removed", service);
      const [off = -1] = at("power");
      assert.ok(left >= 0 && left < off, `${service}: ${left}, ${off}`);
      assert.deepEqual(again, []);
    }
    const { machines, violations } = await rack.status();
    assert.deepEqual(violations, []);
    assert.equal(machines[name]?.power, "Off");
  });

  it("with the component as its target the whole cluster ends, and nobody is asked", async () => {
    await forgetMembers(project, "node03");
    const component = await urnOf(project, "flint:index:ClusterComponent::sim");
    const argv = ["destroy", "--yes", "--skip-preview", "--target-dependents", "--target", component];
    assert.doesNotMatch(await project.pulumi(argv, 200), /which the state does not know/);
    const { machines, violations } = await rack.status();
    assert.deepEqual(violations, []);
    assert.deepEqual([...new Set(Object.values(machines).map(({ power }) => power))], ["Off"]);
  });
});
