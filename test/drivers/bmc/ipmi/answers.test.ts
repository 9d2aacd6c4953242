import assert from "node:assert/strict";
import { bootDeviceOf, failureOf, identityOf, powerOf, reasonOf } from "../../../../drivers/bmc/ipmi/answers.js";

describe("what ipmitool answers", () => {
  it("power is on or off, or neither", () => {
    assert.equal(powerOf("Chassis Power is on\n"), "on");
    assert.equal(powerOf("Chassis Power is off\n"), "off");
    assert.equal(powerOf("Chassis Power Control: Up/On\n"), undefined);
  });

  it("the boot device is in bits 5 to 2 of the second byte, and whether it lasts in bit 6 of the first", () => {
    const shown = (data: string) =>
      bootDeviceOf(`Boot parameter version: 1\nBoot parameter data: ${data}\n Boot Flags :\n`);
    assert.deepEqual(shown("0004000000"), { device: "pxe", kind: "once" });
    assert.deepEqual(shown("a004000000"), { device: "pxe", kind: "once" });
    assert.deepEqual(shown("e008000000"), { device: "disk", kind: "lasting" });
    assert.deepEqual(shown("0000000000"), { device: "none", kind: "once" });
    assert.deepEqual(shown("e000000000"), { device: "none", kind: "once" });
    assert.equal(shown("8014000000"), undefined);
    assert.equal(bootDeviceOf("Get Chassis Boot Parameter 5 failed"), undefined);
  });

  it("a failure has one of eight reasons", () => {
    const cases: [string, string][] = [
      ["> RAKP 2 HMAC is invalid\nError: Unable to establish IPMI v2 / RMCP+ session", "wrong-password"],
      ["RAKP 2 message indicates an error : unauthorized name\nError: Unable to establish", "unknown-user"],
      ["Set Chassis Power Control to Up/On failed: Insufficient privilege level", "privilege"],
      ["Set Session Privilege Level to ADMINISTRATOR failed\nError: Unable to establish IPMI v2", "privilege"],
      ["Error in open session response message : invalid authentication algorithm\n", "cipher-suite"],
      ["Error: Unable to establish IPMI v2 / RMCP+ session", "no-session"],
      ["Get Auth Capabilities error\nError: Unable to establish IPMI v2 / RMCP+ session", "no-answer"],
      ["Address lookup for bmc01 failed", "no-answer"],
      // As recorded at https://github.com/openbmc/openbmc/issues/1241.
      [
        "Error in open session response message : insufficient resources for session\n\nError: Unable to establish IPMI v2 / RMCP+ session",
        "busy",
      ],
      ["Set Chassis Power Control to Up/On failed: Node busy", "busy"],
      ["Get Chassis Power Status failed: BMC initialization in progress", "busy"],
      ["Set Chassis Boot Parameter 5 failed: Invalid command", "refused"],
    ];
    for (const [text, failure] of cases) assert.equal(failureOf(text), failure, text);
  });

  it("its reason is the last line that is about the matter", () => {
    const text = "Unable to Get Channel Cipher Suites\nSet Chassis Power Control to Up/On failed: Node busy\n";
    assert.equal(reasonOf(text), "Set Chassis Power Control to Up/On failed: Node busy");
    const old = "This BMC does not support IPMI v2 / RMCP+";
    assert.equal(reasonOf(`${old}\nError: Unable to establish IPMI v2 / RMCP+ session`), old);
    const full = "Error in open session response message : insufficient resources for session";
    assert.equal(reasonOf(`${full}\n\nError: Unable to establish IPMI v2 / RMCP+ session\n`), full);
    assert.equal(reasonOf("Unable to Get Channel Cipher Suites\n"), "no reason given");
  });

  it("fields of the product that the maker never filled are left out", () => {
    const fru = (serial: string) =>
      ` Product Manufacturer  : Supermicro\n Product Name          : \n Product Serial        : ${serial}\n`;
    assert.deepEqual(identityOf(fru("S213456X")), { vendor: "Supermicro", serial: "S213456X" });
    for (const unfilled of ["0123456789", "To be filled by O.E.M.", "0000000", "Default string"])
      assert.deepEqual(identityOf(fru(unfilled)), { vendor: "Supermicro" }, unfilled);
  });
});
