import assert from "node:assert/strict";
import fc from "fast-check";
import {
  isSameUuid,
  otherMachine,
  refuseOtherBmc,
  refuseOtherMachine,
} from "../../../providers/bare-metal-node/machine-identity.js";

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

describe("A system that answers with the node's own key", () => {
  const ADDRESSES = { provisioning: "10.0.100.53", cluster: "10.0.200.53" };
  const look = (declared: { serial?: string; uuid?: string }, machineSerial: string, machineUuid: string) =>
    refuseOtherMachine({ name: "node04", addresses: ADDRESSES, ...declared }, { machineSerial, machineUuid });

  it("passes on the declared machine, and where nothing is declared or its firmware does not say", () => {
    look({ serial: "S1", uuid: UUID }, "S1", UUID);
    look({ serial: "S1", uuid: UUID }, "S1", SWAPPED);
    look({}, "S2", "00000000-0000-0000-0000-000000000001");
    look({ serial: "S1", uuid: UUID }, "", "");
  });

  it("is refused on a board that kept the serial and has another UUID", () => {
    assert.throws(() => look({ serial: "S1", uuid: UUID }, "S1", "00000000-0000-0000-0000-000000000001"), {
      message:
        `node04 at 10.0.100.53: expected a machine with UUID ${UUID} but found its system on a machine with UUID ` +
        "00000000-0000-0000-0000-000000000001. Correct the node's serial or uuid in the stack file; or, if another machine " +
        "takes its place, switch the old one off. Nothing was changed. [MACHINE_IDENTITY]",
    });
  });

  it("is refused on a board that kept the UUID and whose serial nobody has written yet", () => {
    assert.throws(() => look({ serial: "S1", uuid: UUID }, "Default string", UUID), {
      code: "MACHINE_IDENTITY",
      found: "its system on a machine with serial Default string",
    });
  });
});

describe("A machine that is to be switched on", () => {
  const asked: string[] = [];
  const switchOn = (declared: { serial?: string; uuid?: string }) =>
    refuseOtherBmc(
      { name: "node04", ...declared },
      {
        identity: async () => {
          asked.push("identity");
          return { serial: "S2", uuid: UUID };
        },
      },
    );

  it("is left alone when its BMC is another machine's", async () => {
    await assert.rejects(switchOn({ serial: "S1" }), {
      message:
        "node04, BMC: expected a machine with serial S1 but found serial S2. Correct the node's bmc, serial or uuid in the stack file. Nothing was powered on or written. [MACHINE_IDENTITY]",
    });
    await switchOn({ serial: "S2", uuid: SWAPPED });
  });

  it("is not asked who it is where nothing is declared", async () => {
    asked.length = 0;
    await switchOn({});
    assert.deepEqual(asked, []);
  });
});
