import assert from "node:assert/strict";
import { declaredGone } from "../../providers/gone.js";

describe("machines that are said to be gone", () => {
  it("are those that are named, with commas or blanks between them", () => {
    assert.equal(declaredGone("node04", "node03, node04"), true);
    assert.equal(declaredGone("node03", "node03 node04"), true);
    assert.equal(declaredGone("node04", "node041"), false);
    assert.equal(declaredGone("node04", ""), false);
    assert.equal(declaredGone("node04", undefined), false);
  });
});
