import assert from "node:assert/strict";
import { refuseWiped } from "../../../providers/cluster-health/wiped.js";

describe("a cluster with machines whose wipe was begun, and which are declared again", () => {
  it("is not healthy, and says what to do with one", () =>
    assert.equal(
      refuseWiped("lab", ["node04"]).message,
      "cluster lab: expected cluster lab to be healthy but found node04 without its whole disk: a run that was ended had begun " +
        "to wipe it, and what answers there answers from memory. Raise its generation to install it anew, or take it out again; " +
        "then run `pulumi up`. [CLUSTER_UNHEALTHY]",
    ));

  it("and with several", () =>
    assert.match(
      refuseWiped("lab", ["node04", "node05"]).message,
      /found node04, node05 without their whole disks: .* to wipe them, .* Raise their generation to install them anew, or take them out again;/,
    ));
});
