import assert from "node:assert/strict";
import { tellMachine, tellStrangers } from "../../../providers/cluster-health/leaving.js";
import { lifecycle } from "../../../providers/cluster-health/lifecycle.js";

describe("ClusterHealth: what a preview says of nodes that are taken out", () => {
  it("what becomes of the machine", () => {
    assert.equal(
      tellMachine("node04", "power-off"),
      "the machine node04 is shut down and switched off; its disk is left as it is",
    );
    assert.equal(tellMachine("node04", undefined), tellMachine("node04", "power-off"));
    assert.equal(tellMachine("node04", "wipe"), "the machine node04 has its disk wiped, and is switched off");
    assert.equal(tellMachine("node04", "leave"), "the machine node04 is left running as it is");
    assert.equal(tellMachine("node04", "wipe", ["node04"]), "node04 is taken as gone: the machine is not touched");
  });

  it("a name in FLINT_GONE that no node has", () => {
    assert.equal(tellStrangers("dev", ["node02", "node01"], ["node02"]), undefined);
    assert.equal(
      tellStrangers("dev", ["node02", "node01"], ["node2", "node01"]),
      "FLINT_GONE names node2, which is no node of dev. There are: node01, node02.",
    );
  });

  it("another policy for a machine is no change of the cluster's health", async () => {
    const node = { profile: "worker", address: "10.0.100.54", voter: false, ports: { plasmavmc: 8081 } };
    const inputs = { cluster: "dev", domain: "dev", ca: "", clientCert: "", clientKey: "", deadlines: { health: 60 } };
    const before = { ...inputs, nodes: { node04: { ...node, onDelete: "power-off" } }, healthy: true };
    const diff = (changes: object) =>
      lifecycle.diff("dev/health", before, { ...inputs, nodes: { node04: { ...node, ...changes } } });
    assert.deepEqual(await diff({ onDelete: "wipe" }), { changes: false });
    assert.deepEqual(await diff({ address: "10.0.100.55" }), { changes: true });
  });
});
