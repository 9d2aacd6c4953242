import type { Clock } from "./clock.js";
import type { Ledger } from "./ledger.js";
import type { BootServers } from "./machine/boot-servers.js";
import type { Machine } from "./machine/machine.js";
import type { MachineServices } from "./machine/services.js";
import type { Moments } from "./moments.js";
import type { Random } from "./random.js";
import type { ServiceData } from "./services/service-data.js";
import type { Store } from "./store.js";

/** What a machine of a simulated rack has around it. */
export interface Surroundings {
  clock: Clock;
  random: Random;
  ledger: Ledger;
  store: Store;
  host: BootServers;
  moments: Moments;
  /** Chainfire, FlareDB, IAM and PlasmaVMC of a machine that starts its system. */
  servicesOf(machine: Machine): MachineServices;
  /** The raft services whose running members count on this data. */
  thatCountOn(data: ServiceData): string[];
}
