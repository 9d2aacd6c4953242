import assert from "node:assert/strict";
import { refuseLetGo } from "../../../providers/cluster-health/taken-back.js";

describe("a cluster with machines that an earlier run had begun to let go, and which are declared again,", () => {
  it("is not healthy where their wipe was begun, and says what to do with one", () =>
    assert.equal(
      refuseLetGo("lab", { wiped: ["node04"], removed: ["node05"] })?.message,
      "cluster lab: expected cluster lab to be healthy but found node04 without its whole disk: a run that was ended had begun " +
        "to wipe it, and what answers there answers from memory. Raise its generation to install it anew, or take it out again; " +
        "then run `pulumi up`. [CLUSTER_UNHEALTHY]",
    ));

  it("and with several", () =>
    assert.match(
      refuseLetGo("lab", { wiped: ["node04", "node05"], removed: [] })?.message ?? "",
      /found node04, node05 without their whole disks: .* to wipe them, .* Raise their generation to install them anew, or take them out again;/,
    ));

  it("is not healthy either where their registration is gone, whatever they answer", () =>
    assert.equal(
      refuseLetGo("lab", { wiped: [], removed: ["node04"] })?.message,
      "cluster lab: expected cluster lab to be healthy but found node04 without registration: a run that was ended had taken it " +
        "out. `pulumi up --refresh` looks at it, and makes what is missing anew. [CLUSTER_UNHEALTHY]",
    ));

  it("is looked at as ever where no removal had come that far", () =>
    assert.equal(refuseLetGo("lab", { wiped: [], removed: [] }), undefined));
});
