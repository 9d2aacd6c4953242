import assert from "node:assert/strict";
import { copiedLine } from "../../../providers/bare-metal-node/install.js";

describe("how much of a system has been copied", () => {
  it("is told where a terminal with 120 columns still shows it, behind the time", () => {
    assert.match(`12:34 ${copiedLine(100, 4_321_000_000)}`.slice(0, 24), / 100 % /);
  });
});
