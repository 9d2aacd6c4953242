// limit: 600 s
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { machinesOf } from "../../cli/stack-state.js";
import { bmcAddress } from "../../providers/bare-metal-node/bmc.js";
import { sampleCluster } from "../components/cluster/sample.js";
import { StateProject } from "../components/cluster/state-project.js";

describe("flint doctor: a stack's machines, from what the real CLI exports", function () {
  this.timeout(200_000);
  const project = new StateProject();
  let state: unknown;
  const cluster = sampleCluster((args) => {
    Object.assign(args.pxe, { prepare: false });
    mkdirSync(join(project.directory, "nix"), { recursive: true });
    writeFileSync(join(project.directory, "nix/flake.nix"), "{}\n");
    args.system = { flake: "./nix", inputs: { flint: "./nix", debian: "./nix" } };
  });

  before(async () => {
    await project.pulumi("stack", "init", "dev");
    project.declare(cluster);
    await project.pulumi("up", "--yes", "--skip-preview");
    state = JSON.parse(await project.pulumi("stack", "export", "--show-secrets"));
  });
  after(() => project.remove());

  it("are all there, by name, with what they are reached by", () => {
    const machines = machinesOf(state);
    assert.deepEqual([...machines.keys()].sort(), Object.keys(cluster.nodes).sort());
    for (const [name, machine] of machines) {
      const declared = cluster.nodes[name];
      assert.equal(machine.mac, declared?.mac);
      assert.deepEqual(machine.addresses, declared?.addresses);
      assert.equal(machine.firmware, "uefi");
      assert.equal(machine.phase, "ready", "how far the last `up` came with it");
    }
  });

  it("have the secrets that the provider holds for all, in plain text", () => {
    const [machine] = machinesOf(state).values();
    assert.ok(machine !== undefined);
    assert.match(machine.loginKey.privateKey, /^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
    assert.match("privateKey" in machine.host ? machine.host.privateKey : "", /PRIVATE KEY/);
    const bmc = bmcAddress(machine);
    assert.ok(bmc.type === "redfish" && bmc.password !== "" && !bmc.password.includes("[secret]"));
    assert.match(machine.hostKeyPublic, /^ssh-ed25519 /);
  });

  it("are found as well where a run was killed before the first of them was done", () => {
    const { deployment } = state as { deployment: { resources: { type: string }[] } };
    const isNode = ({ type }: { type: string }) => type.endsWith(":BareMetalNode");
    const killed = {
      deployment: {
        resources: deployment.resources.filter((each) => !isNode(each)),
        pending_operations: deployment.resources.filter(isNode).map((resource) => ({ resource, type: "creating" })),
      },
    };
    assert.deepEqual([...machinesOf(killed).keys()], [...machinesOf(state).keys()]);
  });

  it("are told apart by their cluster where two of the stack have machines of one name", () => {
    const { deployment } = state as { deployment: { resources: { type: string }[] } };
    const { resources } = deployment;
    const [first = assert.fail("no machine")] = resources.filter(({ type }) => type.endsWith(":BareMetalNode"));
    const other = JSON.stringify(first).replaceAll(/(\\*"cluster\\*":\\*")dev/g, "$1west");
    const both = { deployment: { resources: [...resources, JSON.parse(other)] } };
    const names = [...machinesOf(both).keys()].sort();
    const [name] = machinesOf({ deployment: { resources: [...resources.filter((each) => each !== first)] } }).keys();
    assert.ok(name !== undefined && names.includes(name), "whose name is its own");
    const twice = names.filter((each) => each.includes("/"));
    assert.deepEqual(
      twice.map((each) => [each.split("/")[0], machinesOf(both).get(each)?.cluster]),
      ["dev", "west"].map((cluster) => [cluster, cluster]),
    );
    assert.equal(names.length, Object.keys(cluster.nodes).length + 1);
  });

  it("a stack without machines has none, and what is no state is refused", () => {
    assert.equal(machinesOf({ deployment: {} }).size, 0);
    assert.throws(() => machinesOf({}), { name: "ZodError" });
  });
});
