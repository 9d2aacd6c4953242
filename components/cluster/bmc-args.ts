import type { SecretSource, TextSource } from "./source-args.js";

/** Access to BMCs; given once for all machines, or per machine. */
export interface BmcDefaultsArgs {
  username?: string;
  password?: SecretSource;
  /** PEM of the CA that signed the BMCs' certificates. Default: the CAs built into Node. */
  ca?: TextSource;
  /** SHA-256 of the BMC's certificate: pins it instead of verifying it. */
  fingerprint?: string;
}

/** A machine with a Redfish BMC. */
export interface RedfishBmcArgs extends BmcDefaultsArgs {
  /** `https://10.0.100.150`. */
  redfish: string;
  /** Path of the ComputerSystem where one BMC serves several. */
  system?: string;
  /**
   * Name of the chassis whose manager passes the requests to this BMC on, as for blades: the machines that name the same one share
   * its limit of two calls at once. Default: none. Changing it changes nothing on the machine.
   */
  chassis?: string;
}

/** A machine with an IPMI 2.0 BMC. `ca` and `fingerprint` mean nothing to it. */
export interface IpmiBmcArgs {
  /** `10.0.100.150`, with `:PORT` where it is not 623. `ipmitool` must be on the operator's PATH. */
  ipmi: string;
  /** Default: `bmc.username`. At most 16 bytes. */
  username?: string;
  /** Default: `bmc.password`. At most 20 bytes, which is all that IPMI 2.0 knows. */
  password?: SecretSource;
  /** Default: the best of those that the BMC lists. */
  cipherSuite?: 3 | 8 | 12 | 17;
  /** As with Redfish: machines that name the same chassis share its limit of two calls at once. Default: none. */
  chassis?: string;
}

/** A machine whose power button a person presses when Flint asks. */
export interface ManualBmcArgs {
  manual: true;
}

/**
 * A machine without a BMC that its network card wakes: the packet is sent by the provisioning host. The machine should boot
 * from the network first; where it runs and does not answer, a person is asked.
 */
export interface WakeOnLanBmcArgs {
  wakeOnLan: true;
}
