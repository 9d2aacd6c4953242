import type { HostFaults } from "../host/faults.js";
import { MOMENTS } from "../moments.js";
import type { NixFaults } from "../tools/faults.js";
import { ALWAYS, type Catalogue } from "./entry.js";

const MINUTES = 60_000;

/** Whenever a machine is installed: each of these steps asks the host for something, or may. */
const INSTALLING = MOMENTS.install;
/** Where its clock could matter: before locks and records are written, and in the middle. */
const AT_ONCE = ["before", "installer-up", "installed"] as const;

/** The faults of the provisioning host: what all machines share. */
export const HOST_CATALOGUE: Catalogue<HostFaults> = {
  gone: { values: [true], install: INSTALLING, update: MOMENTS.update, removal: MOMENTS.removal },
  sshGone: { values: [3 * MINUTES], install: INSTALLING, update: MOMENTS.update, removal: MOMENTS.removal },
  restarts: { values: [5 * MINUTES], install: INSTALLING, update: MOMENTS.update, removal: MOMENTS.removal },
  serversEnd: { values: [true], install: ["power-on", "dhcp", "initrd"] },
  diskFull: { values: [true], install: INSTALLING, update: MOMENTS.update, removal: MOMENTS.removal },
  clockOff: { values: [86_400], install: AT_ONCE, update: ["copied"], removal: ["wipe"] },
};

/** The faults of nix, where the systems are built. */
export const NIX_CATALOGUE: Catalogue<NixFaults> = {
  buildFails: { values: [ALWAYS], install: ["before"], update: ["before"] },
  diskFull: { values: [ALWAYS], install: ["before"], update: ["before"] },
  hangs: { values: [ALWAYS], install: ["before"], update: ["before"] },
};
