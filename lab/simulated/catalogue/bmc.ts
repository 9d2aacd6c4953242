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
  dropsEvery: { values: [3, 1], install: ["before", "power-on"], removal: ["before", "wipe", "power-off"] },
  slowAnswers: { values: [300, 20_000], install: ["before", "power-on"], removal: ["before", "wipe", "power-off"] },
  busy503: { values: [3, ALWAYS], install: ["before", "power-on"], removal: ["before", "wipe", "power-off"] },
  overrideIgnored: { values: [true], install: ["before"] },
  overrideForgotten: { values: [true], install: ["before"] },
  overrideRefused: { values: [true], install: ["before"] },
  noOnce: { values: [true], install: ["before"] },
  slowPower: { values: [3_000, 120_000], install: ["before"], removal: ["before", "wipe"] },
  powerStuck: { values: [true], install: ["before"], removal: ["before", "wipe"] },
  powerShown: { values: ["On", "Off"], install: ["before", "power-on"], removal: ["before", "wipe", "power-off"] },
  asyncReset: { values: [true], install: ["before"], removal: ["before", "wipe"] },
  resetFails: { values: [true], install: ["before"], removal: ["before", "wipe"] },
  requireIfMatch: { values: [true], install: ["before"] },
  noSessions: { values: [true], install: ["before"], removal: ["before", "wipe"] },
  sessionsExpire: { values: [1], install: ["before", "power-on"], removal: ["before", "wipe", "power-off"] },
  passwordRefused: { values: [true], install: ["before", "power-on"], removal: ["before", "wipe", "power-off"] },
  otherSerial: { values: ["SIM-ELSE"], install: ["before"] },
  noLink: { values: [true], install: ["before"] },
};
