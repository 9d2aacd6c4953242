import assert from "node:assert/strict";
import { flawsOf } from "./told-error.js";

describe("fault matrix: an error", () => {
  const GOOD =
    "node04, start of the installer: expected the installer of node04 to answer ssh within 1 min but found no DHCP request. Look at its cable. [BOOT_TIMEOUT]";
  const cases: [flaw: string, error: string][] = [
    ["does not name the machine", GOOD.replaceAll("node04", "node05")],
    ["does not name the phase", GOOD.replace(", start of the installer", "")],
    ["lacks expected, found, remedy or code", GOOD.replace(" but found no DHCP request", "")],
    ["lacks expected, found, remedy or code", GOOD.replace(" Look at its cable.", "")],
    ["tells a code in place of what was found", GOOD.replace("no DHCP request", "SSH_UNREACHABLE")],
    ["has a code that docs/errors.md does not know", GOOD.replace("BOOT_TIMEOUT", "BOOT_STRANGE")],
    ["holds an empty value", GOOD.replace("no DHCP request", "undefined")],
  ];

  it("that names machine, phase, what was expected and found, remedy and code has no flaw", () =>
    assert.deepEqual(flawsOf(GOOD, "node04"), []));

  for (const [flaw, error] of cases)
    it(`that ${flaw} is told apart: ${error}`, () =>
      assert.deepEqual(flawsOf(error, "node04"), [`node04: its error ${flaw}: ${error}`]));
});
