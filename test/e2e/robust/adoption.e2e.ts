// limit: 800 s
import assert from "node:assert/strict";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import type { Status } from "../../../lab/simulated/schema.js";
import { nodeOf } from "./counts.js";

const KNOWN = ["node01", "node02", "node03", "node04", "node05"];
const OLDER = "node04";
const MOVED = "node05";
const FOREIGN = "node06";
/** The same serial number on another board. */
const OTHER_BOARD = "node02";
const UUID = "4c4c4544-0042-3510-8052-b4c04f564d31";

/**
 * The state is lost; the declaration differs from what runs in one machine, says of one that another is in its place (by its
 * serial number) and of one that another board is (by its UUID), and names one that somebody else uses.
 */
describe("machines that are there before their stack", function () {
  this.bail(true);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let found: Status;
  const up = () => project.start(["up", "--yes", "--skip-preview"], 150);
  const declare = (names: readonly string[], label?: string, other?: { serial: string; uuid: string }) =>
    rack.cluster((args) => {
      for (const name of Object.keys(args.nodes)) if (!names.includes(name)) delete args.nodes[name];
      args.pxe.dhcp = { mode: "full", range: ["10.77.200.1", "10.77.200.9"] };
      if (label !== undefined) nodeOf(args, OLDER).labels = { rack: label };
      if (other === undefined) return;
      nodeOf(args, MOVED).serial = other.serial;
      nodeOf(args, OTHER_BOARD).uuid = other.uuid;
    });

  before(async function () {
    this.timeout(180_000);
    rack = await LaunchedRack.start({ machines: 6, seed: "adoption", speed: 40 });
    project = await SimulatedProject.make(rack, declare(KNOWN));
    await project.up();
    await rack.inject({ machines: { [FOREIGN]: { machine: { otherSystem: true }, powerCycle: true } } });
    for (let tries = 0; (await rack.status()).machines[FOREIGN]?.runs !== "other"; tries++) {
      assert.ok(tries < 300, "the other system does not start");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await project.pulumi(["stack", "rm", "sim", "--force", "--yes"], 60);
    await project.pulumi(["stack", "init", "sim"], 60);
    found = await rack.status();
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  it("are taken over, updated where they run something older, and refused where they are somebody else's", async function () {
    this.timeout(200_000);
    project.declare(declare([...KNOWN, FOREIGN], "b3", { serial: "SIM-77", uuid: UUID }));
    const { exitCode, all } = await project.start(["up", "--yes", "--skip-preview", "--continue-on-error"], 150);
    assert.notEqual(exitCode, 0);
    const told = all.replaceAll(/\s+/g, " ");
    assert.match(
      told,
      /node05 at 10\.77\.1\.6, first look: expected a machine with serial SIM-77 but found its system on a machine with serial SIM-5\. Correct the node's serial or uuid in the stack file; or, if another machine takes its place, switch the old one off\. Nothing was changed\. \[MACHINE_IDENTITY\]/,
    );
    assert.match(
      told,
      /node02 at 10\.77\.1\.3, first look: expected a machine with UUID 4c4c4544-0042-3510-8052-b4c04f564d31 but found its system on a machine with UUID 00000000-0000-4000-8000-000000000002\. Correct the node's serial or uuid /,
    );
    assert.match(
      told,
      /node06 at 10\.77\.1\.7, first look: expected no answer, or this cluster's own host key but found another operating system answers ssh there\. If the stack's state and the provisioning host were lost, leave it on and restore the state: it may be this very node\. To install it anew, switch it off and run `pulumi up` again: a disk with this installation's mark is formatted then, any other content is refused\. \[NODE_FOREIGN\]/,
    );
    const after = await rack.status();
    assert.deepEqual(after.violations, []);
    assert.deepEqual(after.counts[FOREIGN], found.counts[FOREIGN], "no power call, no restart, no format");
    assert.deepEqual(after.machines[FOREIGN], found.machines[FOREIGN]);
    assert.deepEqual(
      Object.keys(after.files).filter((path) => path.includes(FOREIGN) && !path.startsWith("keys/")),
      [],
      "nothing is registered for it",
    );
    for (const name of KNOWN) {
      const { bootId, mark, toplevel } = found.machines[name] ?? {};
      const now = after.machines[name];
      assert.deepEqual([now?.bootId, now?.mark], [bootId, mark], `${name} was not restarted`);
      assert.equal(now?.toplevel === toplevel, name !== OLDER, `${name}: only what is older is updated`);
      assert.deepEqual(after.counts[name]?.wipes, found.counts[name]?.wipes, name);
      if (name !== OLDER) assert.deepEqual(after.counts[name], found.counts[name], `${name}: nothing was done`);
    }
  });

  it("the next `up` without the foreign one ends well, and changes no machine", async function () {
    this.timeout(200_000);
    const first = await rack.status();
    project.declare(declare(KNOWN, "b3"));
    const { exitCode, all } = await up();
    assert.equal(exitCode, 0, all);
    assert.match(await project.pulumi(["stack", "output", "health"], 60), /5 nodes healthy/);
    const after = await rack.status();
    assert.deepEqual(after.violations, []);
    assert.deepEqual(after.machines, first.machines);
    for (const name of [...KNOWN, FOREIGN]) assert.deepEqual(after.counts[name], first.counts[name], name);
    await project.pulumi(["preview", "--expect-no-changes"], 60);
  });

  it("one that nobody declared and that asks to boot is offered by a preview, and by `up` not twice", async function () {
    this.timeout(120_000);
    await rack.inject({ machines: { [FOREIGN]: { machine: {}, powerCycle: true } } });
    for (let tries = 0; !("log/unknown.log" in (await rack.status()).files); tries++) {
      assert.ok(tries < 600, `${FOREIGN} does not come as far as the menu`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { counts } = await rack.status();
    const offered =
      /PxeServer \(pxe\): seen on 10\.77\.0\.0\/16 and not declared: 52:54:00:00:00:06 \(serial SIM-6, Flint Simulated, seen \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00\)/;
    for (const run of [["preview"], ["up", "--yes"]]) {
      const told = (await project.pulumi([...run, "--expect-no-changes"], 100)).replaceAll(/\s+/g, " ");
      assert.match(told, offered);
      assert.equal(told.split("PxeServer (pxe): seen on").length, 2, `not once among its diagnostics: ${told}`);
    }
    assert.deepEqual((await rack.status()).counts, counts, "it only looks");
  });

  it("a host that is silent is no obstacle to a preview", async function () {
    this.timeout(120_000);
    rack.freeze();
    try {
      const told = await project.pulumi(["preview", "--expect-no-changes"], 60);
      assert.doesNotMatch(told, /not declared|provisioning host|warning|error/);
    } finally {
      rack.thaw();
    }
    assert.deepEqual((await rack.status()).violations, []);
  });
});
