// limit: 1200 s
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterArgs } from "../../../components/index.js";
import { nodeOf, sampleCluster, sampleNode, silentBmc } from "./sample.js";
import { nameOf, StateProject } from "./state-project.js";

/** What one voter may add to the state, in bytes. */
const BUDGET = 20 * 1024;

describe("the state of a cluster under the real CLI", function () {
  this.timeout(200_000);
  const project = new StateProject();
  const declared = (change: (cluster: ClusterArgs) => void = () => {}) =>
    sampleCluster((cluster) => {
      Object.assign(cluster.pxe, { prepare: false });
      mkdirSync(join(project.directory, "nix"), { recursive: true });
      writeFileSync(join(project.directory, "nix/flake.nix"), "{}\n");
      cluster.system = { flake: "./nix", inputs: { flint: "./nix", debian: "./nix" } };
      for (const [name, node] of Object.entries(cluster.nodes)) {
        Object.assign(node, {
          serial: `RACK-dev-${name}`,
          kernelParams: ["console=ttyS0,115200"],
          labels: { rack: "a1" },
        });
        silentBmc(node);
      }
      change(cluster);
    });
  const four = (cluster: ClusterArgs) =>
    Object.assign(cluster.nodes, {
      node04: silentBmc(
        sampleNode(4, { serial: "RACK-dev-04", kernelParams: ["console=ttyS0,115200"], labels: { rack: "a4" } }),
      ),
    });

  before(async () => {
    await project.pulumi("stack", "init", "dev");
    project.declare(declared());
    await project.pulumi("up", "--yes", "--skip-preview");
  });
  after(() => project.remove());

  it("nothing changes by itself", async () => {
    await project.pulumi("preview", "--expect-no-changes");
  });

  it("a label is a change of its machine, and of nothing else but the cluster's outputs", async () => {
    project.declare(declared((cluster) => Object.assign(nodeOf(cluster, "node02"), { labels: { rack: "b7" } })));
    assert.deepEqual(await project.changes(), { node02: "update" });
  });

  it("a BMC password that all share is a change of the provider alone", async () => {
    project.declare(declared((cluster) => Object.assign(cluster.bmc ?? {}, { password: "another one" })));
    assert.deepEqual(await project.changes(), { provider: "update" });
  });

  it("a voter that is added shows its own four resources, and takes less than 20 KB", async () => {
    const three = await project.state();
    project.declare(declared(four));
    assert.deepEqual(await project.changes(), {
      node04: "create",
      "node04-identity": "create",
      "chainfire-node04": "create",
      "flaredb-node04": "create",
    });
    await project.pulumi("up", "--yes", "--skip-preview");
    const bytes = (await project.state()).text.length - three.text.length;
    assert.ok(bytes > 4_000 && bytes < BUDGET, `${bytes} bytes`);
    await project.pulumi("preview", "--expect-no-changes");
  });

  it("shows no key and no password", async () => {
    const { text, resources } = await project.state();
    assert.doesNotMatch(text, /PRIVATE KEY|correct horse/);
    const identity = resources.find(({ urn }) => nameOf(urn) === "node04-identity");
    for (const key of ["key", "hostKey"]) {
      assert.deepEqual(Object.keys(Object(identity?.outputs?.[key])), [
        "4dabf18193072939515e22adb298388d",
        "ciphertext",
      ]);
    }
  });

  it("is enough to destroy everything without the program and its configuration", async () => {
    writeFileSync(join(project.directory, "index.js"), "throw new Error('not needed');\n");
    // By itself a member leaves; with the whole cluster it just ends.
    await project.pulumi("destroy", "--yes", "--skip-preview", "--target", "**flaredb-node04", "--target-dependents");
    await project.pulumi("destroy", "--yes", "--skip-preview");
    assert.equal(existsSync(project.trace), true);
    const deleted = readFileSync(project.trace, "utf8").trim().split("\n");
    const inputs = new Map(
      deleted.map((line) => {
        const each = JSON.parse(line) as { type: string; inputs: Record<string, unknown> };
        return [`${each.type} ${each.inputs.service ?? ""} ${each.inputs.name ?? each.inputs.node ?? ""}`, each.inputs];
      }),
    );
    const machine = inputs.get("BareMetalNode  node04");
    assert.equal(Object(machine?.host).host, "10.0.100.1");
    assert.match(String(Object(machine?.host).privateKey), /^-----BEGIN OPENSSH PRIVATE KEY-----/);
    assert.deepEqual(machine?.bmcDefaults, { username: "admin", password: "correct horse" });
    assert.deepEqual(machine?.bmc, { type: "redfish", url: "https://127.0.0.1:5" });
    assert.match(String(Object(machine?.loginKey).privateKey), /PRIVATE KEY/);
    const member = inputs.get("ChainfireMember flaredb node04");
    assert.equal(Object(member?.endpoints).node04, "https://10.0.100.53:2479");
    assert.match(String(member?.clientKey), /PRIVATE KEY/);
    assert.deepEqual(
      [...inputs.keys()].filter((each) => each.startsWith("ChainfireMember")),
      ["ChainfireMember flaredb node04"],
    );
    assert.deepEqual((await project.state()).resources ?? [], []);
  });
});
