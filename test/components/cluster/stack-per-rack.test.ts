// limit: 800 s
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ClusterArgs, NodeArgs } from "../../../components/index.js";
import { sampleCluster, sampleNode } from "./sample.js";
import { StateProject } from "./state-project.js";

const component = JSON.stringify(resolve(__dirname, "../../../../dist/components/index.js"));

/** The program of every rack: its stack's name says which. */
const RACK = `const pulumi = require("@pulumi/pulumi");
const { ClusterComponent } = require(${component});
const rack = pulumi.getStack();
const { members, endpoints, health, clusterInfo } = new ClusterComponent(rack, require(\`./\${rack}.json\`));
module.exports = { members, endpoints, health, clusterInfo };
`;

/** As docs/scale.md has it. */
const FLEET = `const pulumi = require("@pulumi/pulumi");
const racks = ["rack-a", "rack-b"];
const stacks = racks.map((rack) => new pulumi.StackReference(rack, { name: \`organization/flint/\${rack}\` }));
const byRack = (output) =>
  pulumi.all(stacks.map((stack) => stack.requireOutput(output))).apply((all) => Object.fromEntries(all.map((each, n) => [racks[n], each])));
module.exports = { members: byRack("members"), endpoints: byRack("endpoints"), clusters: byRack("clusterInfo") };
`;

type Members = Record<string, Record<string, { voter: boolean; addresses: { provisioning: string } }>>;

describe("a stack for each rack, and one that reads them all (docs/scale.md)", function () {
  this.timeout(200_000);
  const project = new StateProject();
  const fleet = join(project.directory, "fleet");

  const declare = (rack: string, more: Record<string, NodeArgs> = {}) => {
    const args: ClusterArgs = sampleCluster((cluster) => {
      cluster.name = rack;
      cluster.domain = `${rack}.example.com`;
      Object.assign(cluster.pxe, { prepare: false });
      Object.assign(cluster.nodes, more);
    });
    writeFileSync(join(project.directory, `${rack}.json`), JSON.stringify(args));
  };
  const up = (...where: string[]) => project.pulumi(...where, "up", "--yes", "--skip-preview");
  const membersSeen = async () =>
    JSON.parse(await project.pulumi("--cwd", fleet, "stack", "output", "members", "--json")) as Members;

  before(async () => {
    writeFileSync(join(project.directory, "index.js"), RACK);
    mkdirSync(fleet);
    writeFileSync(join(fleet, "index.js"), FLEET);
    writeFileSync(join(fleet, "Pulumi.yaml"), "name: fleet\nruntime: nodejs\nmain: index.js\n");
    writeFileSync(join(fleet, "package.json"), '{ "name": "fleet-program", "main": "index.js" }\n');
    for (const rack of ["rack-a", "rack-b"]) {
      declare(rack);
      await project.pulumi("stack", "init", rack);
      await up();
    }
    await project.pulumi("--cwd", fleet, "stack", "init", "fleet");
    await up("--cwd", fleet);
  });
  after(() => project.remove());

  it("the fleet's stack knows the machines of every rack", async () => {
    const members = await membersSeen();
    assert.deepEqual(Object.keys(members), ["rack-a", "rack-b"]);
    for (const rack of Object.values(members)) assert.deepEqual(Object.keys(rack), ["node01", "node02", "node03"]);
  });

  it("the keys of the racks stay secret in it", async () => {
    const output = await project.pulumi("--cwd", fleet, "stack", "output", "--json");
    assert.equal(Object(JSON.parse(output)).clusters, "[secret]");
    const state = await project.pulumi("--cwd", fleet, "stack", "export");
    assert.doesNotMatch(state, /PRIVATE KEY/);
    const shown = await project.pulumi("--cwd", fleet, "stack", "output", "clusters", "--json", "--show-secrets");
    assert.match(String(Object(JSON.parse(shown))["rack-b"].clientKey), /PRIVATE KEY/);
  });

  it("a machine more in one rack changes nothing in the other, and is seen by the fleet's stack", async () => {
    declare("rack-b", { node04: sampleNode(4, { profile: "worker", bootstrap: false }) });
    await up("--stack", "rack-b");
    await project.pulumi("preview", "--stack", "rack-a", "--expect-no-changes");
    await up("--cwd", fleet);
    const { "rack-b": grown = {}, "rack-a": other = {} } = await membersSeen();
    assert.equal(grown.node04?.voter, false);
    assert.equal(grown.node04?.addresses.provisioning, "10.0.100.53");
    assert.deepEqual(Object.keys(other), ["node01", "node02", "node03"]);
  });
});
