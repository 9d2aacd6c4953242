import type { Faults } from "../../redfish/faults.js";
import { ALWAYS, type Catalogue } from "./entry.js";

/** The faults of a BMC. It is asked before an installation, and for the last time when the machine is taken out. */
export const BMC_CATALOGUE: Catalogue<Faults> = {
  bmcFreezes: {
    values: [true],
    install: ["before", "power-on"],
    update: ["before"],
    removal: ["before", "wipe", "power-off"],
  },
  dropsEvery: { values: [3, 1], install: ["before"], removal: ["before"] },
  slowAnswers: { values: [300, 20_000], install: ["before"], removal: ["before"] },
  busy503: { values: [3, ALWAYS], install: ["before", "power-on"], removal: ["before", "power-off"] },
  overrideIgnored: { values: [true], install: ["before"] },
  overrideForgotten: { values: [true], install: ["before"] },
  overrideRefused: { values: [true], install: ["before"] },
  noOnce: { values: [true], install: ["before"] },
  slowPower: { values: [3_000, 120_000], install: ["before"], removal: ["before"] },
  powerStuck: { values: [true], install: ["before"], removal: ["before"] },
  powerShown: { values: ["On", "Off"], install: ["before"], removal: ["before"] },
  asyncReset: { values: [true], install: ["before"], removal: ["before"] },
  resetFails: { values: [true], install: ["before"], removal: ["before"] },
  requireIfMatch: { values: [true], install: ["before"] },
  noSessions: { values: [true], install: ["before"], removal: ["before"] },
  sessionsExpire: { values: [1], install: ["before"], removal: ["before"] },
  passwordRefused: { values: [true], install: ["before", "power-on"], removal: ["before"] },
  otherSerial: { values: ["SIM-ELSE"], install: ["before"] },
  noLink: { values: [true], install: ["before"] },
};
