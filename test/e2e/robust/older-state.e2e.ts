// limit: 800 s
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import type { Status } from "../../../lab/simulated/schema.js";
import {
  downgrade,
  nameOf,
  OLDER,
  type Older,
  type State,
  stateSchema,
} from "../../components/cluster/older-schemas.js";
import { Operator } from "../idempotence/operator.js";
import { RackEvents } from "../rack-events.js";
import { nodeOf } from "./counts.js";

const LABELLED = "node04";
/** The newest lacks outputs only, and so do all older ones. */
const EARLIER = OLDER.slice(1);
/** What a preview shows of a healthy cluster whose state an earlier release wrote. */
const ADDED: Partial<Record<Older, Record<string, string>>> = { "2026-11-before-kept-keys": { keys: "create" } };

/** A running cluster gets the state that each earlier schema would have had of it (`downgrade`), under the real CLI. */
describe("the state of a running cluster is of an earlier release", function () {
  this.bail(true);
  let rack: LaunchedRack;
  let project: SimulatedProject;
  let events: RackEvents;
  const workers = EARLIER.map((_, i) => `node${String(i + 5).padStart(2, "0")}`);

  before(async function () {
    this.timeout(180_000);
    rack = await LaunchedRack.start({ machines: 4 + workers.length, seed: "older states", speed: 60 });
    project = await SimulatedProject.make(rack);
    await project.up();
    events = new RackEvents(rack);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  for (const older of EARLIER) {
    it(`${older}: a preview shows it as it is, and \`up\` changes nothing on any machine`, async function () {
      this.timeout(120_000);
      const state = await exported();
      const added = ADDED[older];
      if (added !== undefined) await forgetKeys();
      await imported(downgrade(state, older));
      const before = await rack.status();
      if (added !== undefined) assert.deepEqual(await changes(), added);
      await project.pulumi(["up", "--yes", added === undefined ? "--expect-no-changes" : "--skip-preview"], 100);
      const after = await rack.status();
      assert.deepEqual(after.violations, []);
      assert.deepEqual(after.machines, before.machines, "boot ids, systems, marks");
      assert.deepEqual(
        withoutHost(after),
        withoutHost(before),
        "power calls, formats, installations, changes over ssh",
      );
      assert.deepEqual(memberChanges(), []);
      await imported(downgrade(state, older));
    });

    it(`${older}: it is refreshed, a machine gets a label, and a worker is taken away`, async function () {
      this.timeout(120_000);
      const before = await rack.status();
      const gone = workers.shift() ?? "";
      const staying = ["node01", "node02", "node03", LABELLED, ...workers];
      project.declare(
        rack.cluster((args) => {
          nodeOf(args, LABELLED).labels = { older: `without-${gone}` };
          for (const name of Object.keys(args.nodes)) if (!staying.includes(name)) delete args.nodes[name];
        }),
      );
      await project.pulumi(["up", "--yes", "--skip-preview", "--refresh"], 100);
      const after = await rack.status();
      assert.deepEqual(after.violations, []);
      for (const [name, now] of Object.entries(after.machines)) {
        if (name === gone) assert.equal(now.power, "Off");
        else if (name === LABELLED) {
          assert.equal(now.bootId, before.machines[name]?.bootId);
          assert.notEqual(now.toplevel, before.machines[name]?.toplevel);
        } else {
          assert.deepEqual(now, before.machines[name], name);
          assert.deepEqual(after.counts[name], before.counts[name], name);
        }
        assert.deepEqual(after.counts[name]?.wipes, before.counts[name]?.wipes, name);
      }
      assert.deepEqual(memberChanges(), []);
      assert.deepEqual(
        Object.keys(after.files)
          .filter((path) => path.startsWith("keys/"))
          .sort(),
        ["keys/cluster.json", ...staying.map((name) => `keys/nodes/${name}.json`)],
        "a refresh sees what is not kept for a lost state",
      );
    });
  }

  it("what `up` left is a state of this release", async function () {
    this.timeout(120_000);
    await project.pulumi(["preview", "--expect-no-changes"], 60);
  });

  it("and with the oldest of these states it is destroyed", async function () {
    this.timeout(120_000);
    const state = await exported();
    await forgetKeys();
    await imported(downgrade(state, "2026-11-before-kept-keys"));
    await project.pulumi(["destroy", "--yes", "--skip-preview"], 100);
    const { machines, files, violations } = await rack.status();
    assert.deepEqual(violations, []);
    for (const [name, { power }] of Object.entries(machines)) assert.equal(power, "Off", name);
    assert.deepEqual(files, {}, "nothing of the cluster is left on its provisioning host");
  });

  async function exported(): Promise<State> {
    return stateSchema.parse(JSON.parse(await project.pulumi(["stack", "export"], 60)));
  }

  async function imported(state: State): Promise<void> {
    const file = join(rack.directory, "older.json");
    writeFileSync(file, JSON.stringify(state));
    await project.pulumi(["stack", "import", "--file", file], 60);
  }

  /** URNs' last parts with what a preview would do to them, without those that stay as they are. */
  async function changes(): Promise<Record<string, string>> {
    const { steps } = JSON.parse(await project.pulumi(["preview", "--json"], 60)) as {
      steps: { op: string; urn: string }[];
    };
    return Object.fromEntries(steps.filter(({ op }) => op !== "same").map(({ op, urn }) => [nameOf(urn), op]));
  }

  /** The release that wrote such a state kept nothing on the provisioning host. */
  async function forgetKeys(): Promise<void> {
    const operator = await Operator.of(rack, project);
    const { folder, id, outputs } = operator.resource("keys");
    await operator.run({ folder, operation: "delete", id, olds: outputs });
    assert.deepEqual(
      Object.keys((await rack.status()).files).filter((path) => path.startsWith("keys/")),
      [],
    );
  }

  function memberChanges(): unknown[] {
    return events.next().filter(({ event }) => ["member-added", "member-removed"].includes(event));
  }
});

/** What was done to the machines; the provisioning host may be written to. */
function withoutHost({ counts: { pxe1: _, ...machines } }: Status): Status["counts"] {
  return machines;
}
