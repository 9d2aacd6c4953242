import assert from "node:assert/strict";
import { hasLeft, noLongerAway, whoIsAway } from "../../../providers/membership/away.js";

describe("Voters that are away while their machine is replaced", () => {
  it("are known by cluster and service, and only those that are asked for", () => {
    hasLeft("dev", "chainfire", "node03");
    assert.deepEqual(whoIsAway("dev", "chainfire", ["node01", "node03"]), ["node03"]);
    assert.deepEqual(whoIsAway("dev", "chainfire", ["node01"]), []);
    assert.deepEqual(whoIsAway("dev", "flaredb", ["node03"]), []);
    assert.deepEqual(whoIsAway("prod", "chainfire", ["node03"]), []);
  });

  it("are not away any more once they are back, or will not come", () => {
    noLongerAway("dev", "chainfire", "node03");
    noLongerAway("dev", "chainfire", "node01");
    assert.deepEqual(whoIsAway("dev", "chainfire", ["node01", "node03"]), []);
  });
});
