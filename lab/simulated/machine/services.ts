import type { ServiceFaults } from "../services/node-services.js";

/** What runs on an installed machine besides its system. */
export interface MachineServices {
  /** The system has started: the services follow, one after another. */
  start(): void;
  /** As a power cut does. */
  stop(): Promise<void>;
  /** `systemctl try-restart`. */
  restart(services: readonly string[]): Promise<void>;
  /** The machine's mark that its member was seen in the cluster. */
  joined(service: string): boolean;
  /** What of them is not well, in words; undefined: they all serve. */
  trouble(): Promise<string | undefined>;
  /** Replaces what is wrong with them: those that are to crash do so now. */
  upset(faults: ServiceFaults): Promise<void>;
}
