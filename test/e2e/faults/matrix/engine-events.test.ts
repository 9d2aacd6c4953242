import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readStays, staysOf } from "./engine-events.js";

const urn = (name: string) => `urn:pulumi:sim::flint::flint:index:ClusterComponent$dynamic::${name}`;
const begins = (timestamp: number, name: string, op = "create") => ({
  timestamp,
  resourcePreEvent: { metadata: { op, urn: urn(name) } },
});
const says = (timestamp: number, name: string, message: string, ephemeral = true) => ({
  timestamp,
  diagnosticEvent: { urn: urn(name), message: `${message}\n`, ephemeral },
});
const ends = (timestamp: number, name: string, how: "resOutputsEvent" | "resOpFailedEvent" = "resOutputsEvent") => ({
  timestamp,
  [how]: { metadata: { op: "create", urn: urn(name) } },
});

describe("what the engine's log says of a resource", () => {
  it("is one stay for each thing that was done, whatever its clock and percentage show", () => {
    const stays = staysOf([
      begins(10, "node04"),
      says(10, "node04", "0:00 looking at the machine"),
      says(12, "node04", "0:02 initrd 10 % of 60 kB"),
      says(14, "node04", "0:04 initrd 90 % of 60 kB"),
      ends(17, "node04"),
    ]);
    assert.deepEqual(stays, [
      { resource: "node04", op: "create", doing: "", seconds: 0 },
      { resource: "node04", op: "create", doing: "looking at the machine", seconds: 2 },
      { resource: "node04", op: "create", doing: "initrd", seconds: 5 },
    ]);
  });

  it("ends with an error as with success, and with the log where the run was ended", () => {
    const stays = staysOf([
      begins(1, "node04"),
      begins(1, "node05", "delete"),
      says(2, "node05", "0:01 wiping /dev/vda"),
      ends(5, "node04", "resOpFailedEvent"),
      says(9, "node06", "0:00 not begun"),
    ]);
    assert.deepEqual(stays, [
      { resource: "node05", op: "delete", doing: "", seconds: 1 },
      { resource: "node04", op: "create", doing: "", seconds: 4 },
      { resource: "node05", op: "delete", doing: "wiping /dev/vda", seconds: 7 },
    ]);
  });

  it("is read up to the last whole event of a run that was killed", () => {
    const directory = mkdtempSync(join(tmpdir(), "flint-events-"));
    try {
      const file = join(directory, "events.json");
      assert.deepEqual(readStays(file), []);
      const whole = [begins(1, "node04"), says(2, "node04", "0:01 wiping /dev/vda"), says(4, "node04", "0:03 wiping")];
      writeFileSync(file, `${whole.map((event) => JSON.stringify(event)).join("\n")}\n{"timestamp":9,"resO`);
      assert.deepEqual(
        readStays(file).map(({ doing, seconds }) => [doing, seconds]),
        [
          ["", 1],
          ["wiping /dev/vda", 2],
          ["wiping", 0],
        ],
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("leaves out what stays on the screen: it says nothing of what is done now", () => {
    const stays = staysOf([begins(1, "node04"), says(2, "node04", "its disk is blank", false), ends(3, "node04")]);
    assert.deepEqual(stays, [{ resource: "node04", op: "create", doing: "", seconds: 2 }]);
  });
});
