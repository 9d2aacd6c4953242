import assert from "node:assert/strict";
import { filledIn } from "../../../drivers/bmc/filled-in.js";

describe("What a BMC says of its machine", () => {
  it("is taken as it is, without blanks around it", () => {
    for (const text of ["S213456X", "4c4c4544-0042-3510-8052-b4c04f564d31", "R00", "None-1"])
      assert.equal(filledIn(` ${text} `), text);
  });

  it("is nothing where the maker wrote nothing, or that there is nothing", () => {
    const texts = [
      "",
      "  ",
      "0123456789",
      "To be filled by O.E.M.",
      "TO BE FILLED BY OEM",
      "0000000",
      "Default string",
    ];
    const uuids = ["00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"];
    for (const text of [...texts, ...uuids, null, undefined]) assert.equal(filledIn(text), undefined, String(text));
  });
});
