// limit: 400 s
import assert from "node:assert/strict";
import { makeKeyPair } from "../../../drivers/ssh/key-pair.js";
import { HOST } from "../../../lab/simulated/addresses.js";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { nodeOf } from "./counts.js";

const UP = ["up", "--yes", "--skip-preview"];
const PLACE = `root@${HOST}:22`;
const MESSAGE = `preparation: provisioning host (pxe.host): expected ssh at ${PLACE} but found connection refused. Check that provisioning host is up, that ${HOST} is its address, and that nothing blocks port 22. Then run \`pulumi up\` again. [PXE_HOST_UNREACHABLE]`;
const AWAY = `expected ssh at ${PLACE} but found connection refused. Check that provisioning host is up, that ${HOST} is its address, and that nothing blocks port 22. [SSH_UNREACHABLE]`;
const NOT_LET_IN = `preparation: provisioning host (pxe.host.privateKey): expected the login key to be accepted for ${PLACE} but found a refusal. Add the key's public half to ~root/.ssh/authorized_keys on provisioning host. Then run \`pulumi up\` again. [SSH_AUTH]`;

describe("the provisioning host is gone before a run begins", function () {
  this.bail(true);
  let rack: LaunchedRack;
  let project: SimulatedProject;

  before(async function () {
    this.timeout(120_000);
    rack = await LaunchedRack.start({ machines: 1, seed: "host gone", speed: 40 });
    project = await SimulatedProject.make(rack);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("says which host, where, what was tried and what to do, and ends by itself", async function () {
    this.timeout(120_000);
    await rack.inject({ host: { gone: true } });
    const { exitCode, all, timedOut } = await project.start(UP, 80);
    assert.equal(timedOut, false, all);
    assert.notEqual(exitCode, 0, all);
    assert.ok(all.replaceAll(/\s+/g, " ").includes(MESSAGE), all);
    const { counts } = await rack.status();
    assert.deepEqual(counts.node01?.powerCalls ?? 0, 0, "no machine was touched");
  });

  it("says so, too, when the host does not take the login key, and where that is declared", async function () {
    this.timeout(120_000);
    await rack.inject({ host: {} });
    const { privateKey } = makeKeyPair("somebody else");
    const other = rack.cluster(({ pxe }) => {
      if ("ssh" in pxe.host) pxe.host.privateKey = privateKey;
    });
    project.declare(other);
    const { exitCode, all, timedOut } = await project.start([...UP, "--continue-on-error"], 80);
    project.declare(rack.cluster());
    assert.equal(timedOut, false, all);
    assert.notEqual(exitCode, 0, all);
    assert.ok(all.replaceAll(/\s+/g, " ").includes(NOT_LET_IN), all);
    // A check that is failed ends such a run for everything else in the stack.
    assert.ok(!all.includes("has a problem"), all);
    assert.ok(!all.includes(privateKey.split("\n")[1] ?? privateKey), "the key is not shown");
  });

  it("is no mistake afterwards: the next `up` finishes, and one without anything to do there goes without it", async function () {
    this.timeout(150_000);
    await project.up(90);
    const { violations } = await rack.status();
    assert.deepEqual(violations, []);
    await rack.inject({ host: { gone: true } });
    const output = await project.pulumi([...UP, "--expect-no-changes"], 60);
    assert.ok(output.replaceAll(/\s+/g, " ").includes(MESSAGE), output);
  });

  it("who cannot begin without it says what it is and what it was about to do", async function () {
    this.timeout(150_000);
    const changed = rack.cluster((args) => {
      nodeOf(args, "node01").labels = { rack: "b3" };
    });
    project.declare(changed);
    const up = await project.start(UP, 60);
    assert.notEqual(up.exitCode, 0, up.all);
    assert.ok(up.all.includes(`    error: node01, first look: provisioning host: ${AWAY}`), up.all);
    const destroy = await project.start(["destroy", "--yes", "--skip-preview"], 60);
    assert.notEqual(destroy.exitCode, 0, destroy.all);
    assert.ok(destroy.all.includes(`    error: removal, provisioning host: ${AWAY}`), destroy.all);
    assert.ok(!destroy.all.includes("error: provisioning host"), destroy.all);
  });
});
