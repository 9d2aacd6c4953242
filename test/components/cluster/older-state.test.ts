// limit: 300 s
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { sampleCluster } from "./sample.js";
import { StateProject } from "./state-project.js";

/**
 * States that earlier schemas left, as `pulumi stack export` wrote them; secrets under StateProject's passphrase. Each is of
 * the cluster below. A changed schema adds one: it is never written anew.
 */
const STATES = resolve(__dirname, "../../../../test/fixtures/states");
/** What this version adds to each of them. */
const ADDED: Record<string, Record<string, string>> = { "2026-11-before-kept-keys.json": { keys: "create" } };

describe("a state of an earlier schema", function () {
  this.timeout(140_000);
  const project = new StateProject();

  before(async () => {
    mkdirSync(join(project.directory, "nix"), { recursive: true });
    writeFileSync(join(project.directory, "nix/flake.nix"), "{}\n");
    project.declare(
      sampleCluster((cluster) => {
        Object.assign(cluster.pxe, { prepare: false });
        cluster.system = { flake: "./nix", inputs: { flint: "./nix" } };
      }),
    );
    await project.pulumi("stack", "init", "dev");
  });
  after(() => project.remove());

  for (const name of readdirSync(STATES)) {
    it(`${name}: nothing is replaced, updated or deleted`, async () => {
      await project.pulumi("stack", "import", "--file", join(STATES, name));
      assert.deepEqual(await project.changes(), ADDED[name] ?? {});
    });
  }

  it("the last of them is brought up to date, and destroyed", async () => {
    await project.pulumi("up", "--yes", "--skip-preview");
    assert.deepEqual(await project.changes(), {});
    await project.pulumi("destroy", "--yes", "--skip-preview");
  });
});
