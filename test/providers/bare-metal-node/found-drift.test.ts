import assert from "node:assert/strict";
import { type Drift, tellDrift } from "../../../providers/bare-metal-node/found-drift.js";

const AS_DEPLOYED: Drift = {
  node: "node04",
  host: "provisioning host",
  wiped: false,
  unregistered: false,
  runs: "/nix/store/1-system",
  deployed: "/nix/store/1-system",
  hasFiles: true,
};
const UNREGISTERED = "node04 is not registered on provisioning host any more: `pulumi up` registers it.";
const OTHER_SYSTEM = "node04 runs /nix/store/2-system, not what was deployed: `pulumi up` mends it.";
const OTHER_FILES = "node04 has other keys or configuration than were deployed: `pulumi up` mends it.";
const WIPED =
  "node04 answers from memory: a run that was ended has begun to wipe its disk. Raise its generation to install it anew, or take it out.";

describe("BareMetalNode: what a refresh finds of a machine that answers", () => {
  const told = (drift: Partial<Drift>) => tellDrift({ ...AS_DEPLOYED, ...drift });
  const runs = "/nix/store/2-system";

  it("is nothing where all is as deployed", () => assert.deepEqual(told({}), []));

  it("is told by what it is: no registration, another system, other keys", () => {
    assert.deepEqual(told({ unregistered: true }), [UNREGISTERED]);
    assert.deepEqual(told({ runs }), [OTHER_SYSTEM]);
    assert.deepEqual(told({ hasFiles: false }), [OTHER_FILES]);
  });

  it("is told in full, a line each, where it is several things", () => {
    assert.deepEqual(told({ unregistered: true, runs }), [UNREGISTERED, OTHER_SYSTEM]);
    assert.deepEqual(told({ unregistered: true, runs, hasFiles: false }), [UNREGISTERED, OTHER_SYSTEM, OTHER_FILES]);
  });

  it("is nothing that `pulumi up` would mend where its disk is being wiped: it refuses that", () => {
    assert.deepEqual(told({ wiped: true, runs, hasFiles: false }), [WIPED]);
    assert.deepEqual(told({ wiped: true, unregistered: true, runs }), [WIPED]);
  });
});
