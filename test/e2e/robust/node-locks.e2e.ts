// limit: 800 s
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import { Operator } from "../idempotence/operator.js";
import { nodeOf, workOn } from "./counts.js";
import { LOST } from "./lock-holder.js";
import { startHolder, TAKE_OVER } from "./other-operator.js";

const UP = ["up", "--yes", "--skip-preview"];
const NAMED = "bob@ops2 \\(stack other, process 4711\\), at work since 2026-11-28 05:06:07 UTC for update of node04";

describe("somebody else works on a machine, by another provisioning host", function () {
  this.bail(true);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let machine: ReturnType<Operator["machine"]>;
  const holders: ChildProcess[] = [];
  const declare = (rackName: string) =>
    project.declare(
      rack.cluster((args) => {
        for (const name of ["node03", "node04"]) nodeOf(args, name).labels = { rack: rackName };
      }),
    );

  before(async function () {
    this.timeout(120_000);
    rack = await LaunchedRack.start({ machines: 4, seed: "node locks", speed: 40 });
    project = await SimulatedProject.make(rack);
    await project.up();
    machine = (await Operator.of(rack, project)).machine("node04");
  });
  after(async () => {
    for (const holder of holders) holder.kill("SIGKILL");
    await rack?.stop();
    project?.remove();
  });

  /** Resolves when the lock is held. */
  async function hold(seconds: number, renews: boolean): Promise<void> {
    holders.push(await startHolder(rack, { machine, seconds, renews }));
  }

  it("who changes it is told who does, what for, and for how long; the machine stays as it is, and others finish", async function () {
    this.timeout(200_000);
    await hold(60, true);
    const before = await rack.status();
    declare("b1");
    const { exitCode, all } = await project.start(UP, 150);
    assert.notEqual(exitCode, 0);
    const told = all.replaceAll(/\s+/g, " ");
    assert.match(
      told,
      new RegExp(
        `node04 at 10\\.77\\.1\\.5, switch to another system: expected nobody else at work on it but found ${NAMED}; its lock expires in \\d+ s, and is renewed while that run lives\\. Run the same command again when that run has ended\\. To take the lock over, which ends that run: FLINT_TAKE_OVER=c0ffee pulumi up\\. Nothing was changed\\. \\[NODE_LOCKED\\]`,
      ),
    );
    const after = await rack.status();
    assert.deepEqual(after.violations, []);
    assert.deepEqual(after.machines.node04, before.machines.node04);
    assert.deepEqual(after.counts.node04, before.counts.node04);
    assert.notEqual(after.machines.node03?.toplevel, before.machines.node03?.toplevel, "node03 was switched");
  });

  it("its lock is taken over by whoever names it", async function () {
    this.timeout(120_000);
    const before = await rack.status();
    const { exitCode, all } = await project.start(UP, 100, TAKE_OVER);
    assert.equal(exitCode, 0, all);
    const after = await rack.status();
    assert.notEqual(after.machines.node04?.toplevel, before.machines.node04?.toplevel);
    const [holder] = holders;
    if (holder?.exitCode === null) await once(holder, "exit");
    assert.equal(holder?.exitCode, LOST, "its next renewal finds that somebody else has the lock");
  });

  it("a lock that nobody renews expires: it is waited for, and the machine is changed", async function () {
    this.timeout(120_000);
    await hold(20, false);
    const before = await rack.status();
    declare("b2");
    const { exitCode, all } = await project.start(UP, 100);
    assert.equal(exitCode, 0, all);
    assert.match(all.replaceAll(/\s+/g, " "), new RegExp(`waiting for ${NAMED}; its lock expires in \\d+ s`));
    const after = await rack.status();
    assert.notEqual(after.machines.node04?.toplevel, before.machines.node04?.toplevel);
    assert.equal(after.machines.node04?.bootId, before.machines.node04?.bootId);
    assert.deepEqual(workOn(before, after, "node04"), { formatted: 0, installed: 0 });
  });
});
