import assert from "node:assert/strict";
import { requireSupportedNode } from "../../foundation/supported-node.js";

describe("the Node.js that a program with Flint runs in", () => {
  it("is refused where the package cannot work with it, as a message without a stack", () => {
    for (const version of ["22.0.0", "24.21.0", "100.1.0"]) requireSupportedNode(version);
    assert.throws(() => requireSupportedNode("20.20.2"), {
      code: "TOOL_VERSION",
      message:
        "node on PATH: expected Node.js 22 or newer but found 20.20.2. " +
        "Put a newer one first on PATH. Nothing was touched. [TOOL_VERSION]",
      __pulumiRunError: true,
    });
  });
});
