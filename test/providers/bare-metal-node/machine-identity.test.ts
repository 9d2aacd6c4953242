import assert from "node:assert/strict";
import fc from "fast-check";
import { isSameUuid, otherMachine } from "../../../providers/bare-metal-node/machine-identity.js";

const UUID = "4c4c4544-0042-3510-8052-b4c04f564d31";
const SWAPPED = "44454c4c-4200-1035-8052-b4c04f564d31";

describe("A machine is the declared one", () => {
  it("when nothing is declared of it", () => {
    assert.equal(otherMachine({}, { serial: "S1", uuid: UUID }, "differs"), undefined);
  });

  it("when serial and UUID are as declared, in either byte order that firmware and BMCs print", () => {
    for (const uuid of [UUID, UUID.toUpperCase(), SWAPPED])
      assert.equal(otherMachine({ serial: "S1", uuid: UUID }, { serial: "S1", uuid }, "differs"), undefined);
  });

  it("not when one of them differs: what was expected and what was found are told", () => {
    assert.deepEqual(otherMachine({ serial: "S1", uuid: UUID }, { serial: "S2", uuid: UUID }, "passes"), {
      expected: "a machine with serial S1",
      found: "serial S2",
    });
    assert.deepEqual(otherMachine({ uuid: UUID }, { uuid: "00000000-0000-0000-0000-000000000001" }, "passes"), {
      expected: `a machine with UUID ${UUID}`,
      found: "UUID 00000000-0000-0000-0000-000000000001",
    });
  });

  it("a BMC that does not say passes, an installer that does not say does not", () => {
    assert.equal(otherMachine({ serial: "S1", uuid: UUID }, {}, "passes"), undefined);
    assert.equal(otherMachine({ serial: "S1" }, {}, "differs")?.found, "serial unknown");
    assert.equal(otherMachine({ uuid: UUID }, {}, "differs")?.found, "UUID unknown");
  });

  it("any UUID is itself, whoever prints it first", () =>
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (one, other) => {
        assert.ok(isSameUuid(one, one));
        assert.equal(isSameUuid(one, other), isSameUuid(other, one));
      }),
    ));
});
