import assert from "node:assert/strict";
import { Patience } from "../../../providers/cluster-health/patience.js";

describe("ClusterHealth: how long it is waited for", () => {
  it("what starts slowly has all the time that is declared", () => {
    const patience = new Patience(600_000);
    patience.looked(false, 500_000);
    assert.equal(patience.deadlineMs, 600_000);
  });

  it("a member that has left has half a minute from when that was first seen, and no more than is declared", () => {
    const patience = new Patience(600_000);
    patience.looked(true, 20_000);
    patience.looked(true, 40_000);
    assert.equal(patience.deadlineMs, 50_000);
    patience.looked(false, 45_000);
    assert.equal(patience.deadlineMs, 600_000, "it is back");
    patience.looked(true, 590_000);
    assert.equal(patience.deadlineMs, 600_000);
  });

  it("while nobody leads, a leader is waited for; the half minute of a member that has left is not begun anew by that", () => {
    const patience = new Patience(600_000);
    patience.looked(true, 20_000);
    patience.looked(undefined, 45_000);
    assert.equal(patience.deadlineMs, 600_000);
    patience.looked(true, 49_000);
    assert.equal(patience.deadlineMs, 50_000);
    patience.looked(undefined, 50_000);
    patience.looked(false, 55_000);
    patience.looked(true, 60_000);
    assert.equal(patience.deadlineMs, 90_000, "it was back meanwhile");
    patience.looked(undefined, 599_000);
    assert.equal(patience.deadlineMs, 600_000, "and no more than is declared");
  });
});
