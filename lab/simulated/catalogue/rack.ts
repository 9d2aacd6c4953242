import type { HostFaults } from "../host/faults.js";
import type { NixFaults } from "../tools/faults.js";
import { ALWAYS, type Catalogue } from "./entry.js";

const MINUTES = 60_000;

/** The faults of the provisioning host: what all machines share. */
export const HOST_CATALOGUE: Catalogue<HostFaults> = {
  gone: { values: [true], install: ["before", "installer-up", "installed"], update: ["copied"], removal: ["wipe"] },
  sshGone: {
    values: [3 * MINUTES],
    install: ["power-on", "installer-up", "closure", "installed"],
    update: ["copied"],
    removal: ["wipe"],
  },
  restarts: {
    values: [5 * MINUTES],
    install: ["dhcp", "initrd", "installer-up", "closure", "installed"],
    update: ["copied"],
    removal: ["wipe"],
  },
  serversEnd: { values: [true], install: ["power-on", "initrd"] },
  diskFull: {
    values: [true],
    install: ["before", "power-on", "closure", "installed"],
    update: ["copied"],
    removal: ["wipe"],
  },
  clockOff: {
    values: [86_400],
    install: ["before", "installer-up", "installed"],
    update: ["copied"],
    removal: ["wipe"],
  },
};

/** The faults of nix, where the systems are built. */
export const NIX_CATALOGUE: Catalogue<NixFaults> = {
  buildFails: { values: [ALWAYS], install: ["before"], update: ["before"] },
  diskFull: { values: [ALWAYS], install: ["before"], update: ["before"] },
  hangs: { values: [ALWAYS], install: ["before"], update: ["before"] },
};
