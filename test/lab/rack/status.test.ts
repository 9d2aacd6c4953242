import assert from "node:assert/strict";
import { statusTable } from "../../../lab/rack/status.js";

describe("rack status", () => {
  it("shows power, boot source, ssh and the last event of each machine", () => {
    const off = { bootedFrom: null, ssh: null, bmc: "10.0.100.151", faults: { powerStuck: true }, lastEvent: null };
    const table = statusTable(
      [
        {
          name: "node01",
          power: "On",
          bootedFrom: "disk",
          ssh: "10.0.100.50",
          bmc: "10.0.100.150",
          faults: {},
          lastEvent: { t: "2026-01-01T00:00:00.000Z", text: "boots from disk" },
        },
        { name: "node02", power: "Off", ...off },
      ],
      Date.parse("2026-01-01T00:02:00.000Z"),
    );
    assert.equal(
      table,
      [
        "machine  power  booted from  ssh          BMC                   last event",
        "node01   on     disk         10.0.100.50  https://10.0.100.150  boots from disk, 2 min ago",
        "node02   off    –            –            https://10.0.100.151  – [faults: powerStuck]",
      ].join("\n"),
    );
  });
});
