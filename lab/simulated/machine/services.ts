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
}
