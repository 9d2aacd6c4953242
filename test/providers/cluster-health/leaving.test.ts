import assert from "node:assert/strict";
import { goneOf, noteLeaving, tellMachine, tellStrangers } from "../../../providers/cluster-health/leaving.js";
import { lifecycle } from "../../../providers/cluster-health/lifecycle.js";

describe("ClusterHealth: what a preview says of nodes that are taken out", () => {
  it("what becomes of the machine", () => {
    assert.equal(
      tellMachine("node04", "power-off"),
      "the machine node04 is shut down and switched off; its disk is left as it is",
    );
    assert.equal(tellMachine("node04", undefined), "the machine node04 is let go as its onDelete said");
    assert.equal(tellMachine("node04", "wipe"), "the machine node04 has its disk wiped, and is switched off");
    assert.equal(tellMachine("node04", "leave"), "the machine node04 is left running as it is");
    assert.equal(tellMachine("node04", "wipe", ["node04"]), "node04 is taken as gone: the machine is not touched");
  });

  it("as it was declared last, though nothing was checked since", () => {
    const node = { profile: "worker" as const, address: "10.0.100.54", voter: false, ports: { plasmavmc: 8081 } };
    noteLeaving("urn:health", { node04: { ...node, onDelete: "wipe" } });
    const gone = goneOf("urn:health", { node04: { ...node, onDelete: "power-off" }, node05: node }, {});
    assert.deepEqual(gone, { node04: { ...node, onDelete: "wipe" }, node05: node });
  });

  it("a name in FLINT_GONE that no node has", () => {
    assert.equal(tellStrangers("dev", ["node02", "node01"], ["node02"]), undefined);
    assert.equal(
      tellStrangers("dev", ["node02", "node01"], ["node2", "node01"]),
      "FLINT_GONE names node2: neither declared in dev nor taken out by this change (node01, node02). It counts only if node2 was taken out before and is still being let go.",
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
