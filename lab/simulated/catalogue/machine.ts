import type { MachineFaults } from "../machine/faults.js";
import { ALWAYS, type Catalogue, FOR_EVER } from "./entry.js";

/** While something runs that is reached by ssh. */
const REACHED = ["installer-up", "format", "closure", "installed", "system-up"] as const;
/** While a running system is changed by ssh. */
const LOGGED_IN = ["before", "copy", "copied", "switch", "activated"] as const;
/** After the system has come and before Flint counts it as done. */
const SERVING = ["before", "installed", "system-up"] as const;

/** The faults of a machine, except for those of its BMC. */
export const MACHINE_CATALOGUE: Catalogue<MachineFaults> = {
  slow: {
    values: [3, 400],
    install: ["before", "dhcp", "installer-up", "format", "closure", "installed"],
    update: ["before", "switch"],
    removal: ["before", "wipe"],
  },
  dhcpLost: { values: [3, ALWAYS], install: ["before", "dhcp"] },
  noLink: { values: [true], install: ["before", "power-on"] },
  otherAddress: { values: [true], install: ["before", "power-on", "dhcp"] },
  slowTransfer: { values: [3, 400], install: ["before", "initrd"] },
  transferBreaks: { values: [1], install: ["before", "initrd"] },
  noPost: { values: [true], install: ["before", "power-on", "installed"] },
  powerFails: {
    values: [true],
    install: [
      ...(["before", "power-on", "dhcp", "initrd", "installer-up", "format", "closure", "installed"] as const),
      ...(["disk-boot", "system-up"] as const),
    ],
    update: ["before", "copy", "copied", "switch", "activated"],
    removal: ["before", "wipe", "power-off"],
  },
  restarts: {
    values: [1],
    install: [
      ...(["power-on", "dhcp", "initrd", "installer-up", "format", "closure", "installed"] as const),
      ...(["disk-boot", "system-up"] as const),
    ],
    update: ["copy", "copied", "switch", "activated"],
    removal: ["wipe", "power-off"],
  },
  outOfMemory: {
    values: [true],
    install: ["before", "initrd", "installer-up", "format", "closure", "installed", "disk-boot", "system-up"],
    update: ["before", "copy", "copied", "switch", "activated"],
  },
  otherSerial: { values: ["SIM-ELSE"], install: ["before"] },
  otherDisk: { values: [{ serial: "DISK-ELSE" }, { foreign: "xfs" }], install: ["before"] },
  diskSwappedWith: { values: ["next"], install: ["before"] },
  disksReordered: { values: [true], install: ["before"] },
  otherSystem: { values: [true], install: ["before", "installed"] },
  restartsInstalling: { values: [1], install: ["before", "installer-up"] },
  diskErrors: {
    values: [true],
    install: ["before", "format", "closure"],
    update: ["before", "copy", "switch"],
    removal: ["before", "wipe"],
  },
  diskFull: { values: [true], install: ["before", "closure"], update: ["before", "copy", "switch"] },
  systemHangs: { values: [true], install: ["before", "installed", "disk-boot"] },
  sshRefused: {
    values: [20_000, FOR_EVER],
    install: REACHED,
    update: LOGGED_IN,
    removal: ["before", "wipe"],
  },
  sshResets: { values: [2, ALWAYS], install: REACHED, update: LOGGED_IN, removal: ["before", "wipe"] },
  sshHangs: { values: [1, ALWAYS], install: REACHED, update: LOGGED_IN, removal: ["before", "wipe"] },
  sshHalves: { values: [1, ALWAYS], install: REACHED, update: LOGGED_IN, removal: ["before", "wipe"] },
  services: {
    values: [{ late: 4_000 }, { slowAnswers: 4_000 }, { late: FOR_EVER }, { crashLoop: ["plasmavmc"] }],
    install: SERVING,
    update: ["before", "copied", "activated"],
  },
  copyBreaks: { values: [1], install: ["before", "closure"], update: ["before", "copy"] },
  copyHangs: { values: [1], install: ["before", "closure"], update: ["before", "copy"] },
};
