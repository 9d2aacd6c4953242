// limit: 800 s
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeKeyPair } from "../../../drivers/ssh/key-pair.js";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { RACK_FILES } from "../../../lab/simulated/rack.js";
import type { Status } from "../../../lab/simulated/schema.js";

describe("the stack's state is lost", function () {
  this.bail(true);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let healthy: Status;
  const up = () => project.start(["up", "--yes", "--skip-preview"], 120);
  const loseState = async () => {
    await project.pulumi(["stack", "rm", "sim", "--force", "--yes"], 60);
    await project.pulumi(["stack", "init", "sim"], 60);
  };

  before(async function () {
    this.timeout(180_000);
    rack = await LaunchedRack.start({ machines: 4, seed: "state", speed: 40 });
    project = await SimulatedProject.make(rack);
    await project.up();
    healthy = await rack.status();
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("the next `up` finds every machine again and changes nothing on any", async function () {
    this.timeout(180_000);
    await loseState();
    const { exitCode, all } = await up();
    assert.equal(exitCode, 0, all);
    assert.match(all, /cluster sim was there before this stack: its keys were found on provisioning host\./);
    const after = await rack.status();
    assert.deepEqual(after.violations, []);
    assert.deepEqual(after.machines, healthy.machines, "boot ids, systems, marks");
    assert.deepEqual(withoutHost(after), withoutHost(healthy), "power calls, formats, installations, changes over ssh");
    assert.match(await project.pulumi(["stack", "output", "health"], 60), /4 nodes healthy/);
  });

  it("the state that is made anew is as good as the old one: no change, and the outputs open the cluster", async function () {
    this.timeout(120_000);
    await project.pulumi(["refresh", "--yes", "--skip-preview"], 60);
    await project.pulumi(["preview", "--expect-no-changes"], 60);
    project.declare(
      rack.cluster(({ nodes }) => {
        if (nodes.node04 !== undefined) nodes.node04.labels = { rack: "b2" };
      }),
    );
    await project.up();
    const after = await rack.status();
    assert.notEqual(after.machines.node04?.toplevel, healthy.machines.node04?.toplevel);
    assert.equal(after.machines.node04?.bootId, healthy.machines.node04?.bootId);
    healthy = after;
  });

  it("with another key to the provisioning host, what is kept cannot be opened: it says so, and touches nothing", async function () {
    this.timeout(120_000);
    await loseState();
    const first = readOperatorKey();
    writeOperatorKey(makeKeyPair("another operator"));
    const { exitCode, all } = await up();
    assert.notEqual(exitCode, 0);
    assert.match(
      all.replaceAll(/\s+/g, " "),
      /cluster sim, \/var\/lib\/flint\/sim\/keys\/cluster\.json on provisioning host: expected the keys of a cluster that was there before this stack, and that this stack can open but found that they are sealed with another key \([\w-]+\)\. Restore the stack's state, or set pxe\.host\.privateKey to the key that it was when that stack was last updated\./,
    );
    assert.deepEqual(withoutHost(await rack.status()), withoutHost(healthy));
    writeOperatorKey(first);
  });

  it("a new key to the host seals what is kept anew, also in a stack that was made anew", async function () {
    this.timeout(180_000);
    await project.up();
    writeOperatorKey(makeKeyPair("another operator"));
    await project.up();
    await project.pulumi(["preview", "--expect-no-changes"], 60);
    await loseState();
    await project.up();
    assert.deepEqual(withoutHost(await rack.status()), withoutHost(healthy));
    await project.pulumi(["preview", "--expect-no-changes"], 60);
  });

  it("and the end of it leaves nothing kept: machines are off, and a new cluster has keys of its own", async function () {
    this.timeout(180_000);
    await project.pulumi(["destroy", "--yes", "--skip-preview"], 120);
    const { machines, violations } = await rack.status();
    assert.deepEqual(violations, []);
    for (const [name, { power }] of Object.entries(machines)) assert.equal(power, "Off", name);
  });

  function readOperatorKey() {
    const at = join(rack.directory, RACK_FILES.operatorKey);
    return { privateKey: readFileSync(at, "utf8"), publicKey: readFileSync(`${at}.pub`, "utf8").trim() };
  }

  function writeOperatorKey({ privateKey, publicKey }: { privateKey: string; publicKey: string }): void {
    const at = join(rack.directory, RACK_FILES.operatorKey);
    writeFileSync(at, privateKey);
    writeFileSync(`${at}.pub`, `${publicKey}\n`);
  }
});

/** What was done to the machines; the provisioning host may be written to. */
function withoutHost({ counts: { pxe1: _, ...machines } }: Status): Status["counts"] {
  return machines;
}
