type Soon<T> = T | Promise<T>;

/** What a machine that boots from the network asks for: of the simulated provisioning host, or of a real one. */
export interface BootServers {
  /**
   * The address that a card is given; undefined: no answer.
   * @param taken False: the card takes another server's.
   * @param as Who asks. Default: the card's firmware.
   */
  dhcp(mac: string, taken?: boolean, as?: "firmware" | "iPXE"): Soon<string | undefined>;
  /** Whether TFTP sent the file. */
  tftp(address: string, file: string): Soon<boolean>;
  /** What HTTP answers to this address; undefined for anything but 200. */
  http(address: string, path: string): Soon<Buffer | undefined>;
  /** A transfer that is under way: so much of the file is acknowledged. */
  sends(address: string, path: string, part: number): void;
}
