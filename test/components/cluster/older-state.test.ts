// limit: 600 s
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  downgrade,
  nameOf,
  OLDER,
  type Older,
  type State,
  type StateResource,
  shapeOf,
  stateSchema,
} from "./older-schemas.js";
import { sampleCluster } from "./sample.js";
import { StateProject } from "./state-project.js";

/**
 * States that earlier schemas left, as `pulumi stack export` wrote them; secrets under StateProject's passphrase, keys of no
 * machine. Each is of the cluster below. A changed schema adds one, none is written anew:
 * `FLINT_KEEP_STATE=2026-11-spec-text scripts/test components/cluster/older-state`.
 */
const STATES = resolve(__dirname, "../../../../test/fixtures/states");
/** What this version adds to each of them. */
const ADDED: Record<string, Record<string, string>> = { "2026-11-before-kept-keys.json": { keys: "create" } };

describe("a state of an earlier schema", function () {
  this.timeout(140_000);
  const project = new StateProject();

  before(() => begin(project));
  after(() => project.remove());

  for (const name of readdirSync(STATES)) {
    it(`${name}: nothing is replaced, updated or deleted`, async () => {
      await project.pulumi("stack", "import", "--file", join(STATES, name));
      assert.deepEqual(await project.changes(), ADDED[name] ?? {});
    });
  }

  it("a machine that an earlier release did not finish is gone on with, and no other", async () => {
    const older: Older = "2026-11-kept-keys";
    const unfinished = (each: StateResource) =>
      nameOf(each.urn) === "node02"
        ? { ...each, outputs: { ...each.outputs, phase: "installer-up", pending: "create" } }
        : each;
    const state = readState(older);
    const resources = state.deployment.resources.map(unfinished);
    const file = join(project.directory, "unfinished.json");
    writeFileSync(file, JSON.stringify({ ...state, deployment: { ...state.deployment, resources } }));
    await project.pulumi("stack", "import", "--file", file);
    assert.deepEqual(await project.changes(), { node02: "update" });
    await project.pulumi("up", "--yes", "--skip-preview");
    assert.deepEqual(await project.changes(), {});
  });

  it("each is in shape what a state of today is turned into where running clusters are to have it", () => {
    assert.deepEqual(
      OLDER,
      readdirSync(STATES)
        .sort()
        .reverse()
        .map((name) => name.replace(".json", "")),
    );
    const newest = readState(OLDER[0]);
    for (const name of OLDER) assert.deepEqual(shapeOf(downgrade(newest, name)), shapeOf(readState(name)), name);
  });

  it("the newest of them is of this very schema: it is there when that changes", async () => {
    const fresh = new StateProject();
    try {
      await begin(fresh);
      await fresh.pulumi("up", "--yes", "--skip-preview");
      const state = await fresh.pulumi("stack", "export");
      const { FLINT_KEEP_STATE: name } = process.env;
      if (name !== undefined) writeFileSync(join(STATES, `${name}.json`), kept(state));
      assert.deepEqual(shapeOf(stateSchema.parse(JSON.parse(state))), shapeOf(readState(OLDER[0])));
    } finally {
      fresh.remove();
    }
  });

  it("the last of them is brought up to date, and destroyed", async () => {
    await project.pulumi("up", "--yes", "--skip-preview");
    assert.deepEqual(await project.changes(), {});
    await project.pulumi("destroy", "--yes", "--skip-preview");
  });
});

/** A stack of the cluster that all states are of. */
async function begin(project: StateProject): Promise<void> {
  mkdirSync(join(project.directory, "nix"), { recursive: true });
  writeFileSync(join(project.directory, "nix/flake.nix"), "{}\n");
  project.declare(
    sampleCluster((cluster) => {
      Object.assign(cluster.pxe, { prepare: false });
      cluster.system = { flake: "./nix", inputs: { flint: "./nix" } };
    }),
  );
  await project.pulumi("stack", "init", "dev");
}

/** Without this machine's directories, and the lines of the SDK that declared each resource. */
function kept(state: string): string {
  const withoutLines = (key: string, value: unknown) =>
    key === "sourcePosition" || key === "stackTrace" ? undefined : value;
  const text = state.replaceAll(/"[^"]*\/flint-state-[^/"]+/g, '"/project');
  return `${JSON.stringify(JSON.parse(text, withoutLines), null, 2)}\n`;
}

function readState(name: string): State {
  return stateSchema.parse(JSON.parse(readFileSync(join(STATES, `${name}.json`), "utf8")));
}
