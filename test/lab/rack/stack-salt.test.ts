import assert from "node:assert/strict";
import { withoutSalt } from "../../../lab/rack/stack-salt.js";

const STACK = "config:\n  # mine\n  flint:cluster: { name: dev }\n";
const SALT = "encryptionsalt: v1:abc=:v1:def\n";

describe("the salt in the stack file", () => {
  it("goes with the rack, and everything else stays as it was", () => {
    assert.equal(withoutSalt(`${STACK}${SALT}`, SALT), STACK);
    assert.equal(withoutSalt(`${SALT}${STACK}`, SALT), STACK);
  });

  it("stays when it is not the rack's", () => {
    const own = `${STACK}encryptionsalt: v1:other=\n`;
    assert.equal(withoutSalt(own, SALT), own);
    assert.equal(withoutSalt(own, ""), own);
  });
});
