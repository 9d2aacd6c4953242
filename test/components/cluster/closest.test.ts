import assert from "node:assert/strict";
import fc from "fast-check";
import { closest, editDistance } from "../../../components/cluster/closest.js";

describe("the closest right word", () => {
  it("counts a character more, less or changed, and two neighbours swapped, as one edit", () => {
    assert.deepEqual(
      ["cidr", "cid", "cidrs", "cicr", "cdir", ""].map((typed) => editDistance(typed, "cidr")),
      [0, 1, 1, 1, 1, 4],
    );
  });

  it("is symmetric, and zero only for the same word", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (one, other) => {
        assert.equal(editDistance(one, other), editDistance(other, one));
        assert.equal(editDistance(one, other) === 0, one === other);
      }),
    );
  });

  it("offers nothing when nothing is near", () => {
    assert.equal(closest("colour", ["name", "domain", "nodes"]), undefined);
    assert.equal(closest("on_delete", ["onDelete", "labels"]), "onDelete");
    assert.equal(closest("adresses", ["addresses", "labels"]), "addresses");
  });
});
