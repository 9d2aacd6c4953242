import type { SshSession } from "../ssh/target.js";

/** Power state as a user means it. A BMC's transitional states (PoweringOn …) count as the state they come from. */
export type PowerState = "on" | "off";
/** One-time boot source. `uefi-http` is UEFI HTTP boot; `none` clears an override. */
export type BootDevice = "pxe" | "disk" | "uefi-http" | "none";
/** `lasting`: the BMC knows no override that ends by itself; whoever set it takes it back with `none`. */
export type OverrideKind = "once" | "lasting";
export type FirmwareMode = "uefi" | "bios";

/** What a BMC knows of its machine; every field is optional because BMCs differ. */
export interface MachineIdentity {
  vendor?: string;
  model?: string;
  /** ComputerSystem.SerialNumber in Redfish. */
  serial?: string;
  uuid?: string;
  /** Lower case, colons. */
  macs?: string[];
}

/** What a BMC tells of its machine's present state; every field is optional because BMCs differ. */
export interface MachineReport {
  /** MiB. ComputerSystem.MemorySummary in Redfish. */
  memory?: number;
  /** Link by MAC, as `macs` of the identity writes it. EthernetInterface.LinkStatus in Redfish. */
  links?: Readonly<Record<string, "up" | "down">>;
  /** Whether the present or last boot was a Secure Boot. SecureBoot.SecureBootCurrentBoot in Redfish. */
  secureBoot?: "on" | "off";
  /** The boot override as it is set now: "Once, Pxe". */
  bootOverride?: string;
}

export interface SetPowerOptions {
  /** Milliseconds until the state must be confirmed. Default 60000. */
  deadlineMs?: number;
  signal?: AbortSignal;
}

/** Controls one machine's power and boot source out of band. Every method has its own deadline and may be repeated. */
export interface BmcDriver {
  /** `unknown`: this driver cannot see its machine. It counts as on wherever a machine that is on must be spared. */
  power(): Promise<PowerState | "unknown">;
  /**
   * Idempotent: nothing is sent when the state is already there (`cycle` always acts). Resolves when confirmed; where
   * power is `unknown`, as soon as it was asked for: what came of it shows on the wire and over ssh.
   */
  setPower(state: PowerState | "cycle", options?: SetPowerOptions): Promise<void>;
  /**
   * Asks the operating system to shut down, as a short press of the power button does. Resolves as soon as the BMC has taken it:
   * what the system makes of it shows in `power`. False where this BMC cannot ask. Absent where nobody but a person could.
   */
  requestShutdown?(): Promise<boolean>;
  /** For the next boot only, or `lasting` where there is nothing else. Reads back what the BMC accepted. */
  setBootOnce(device: BootDevice, mode: FirmwareMode): Promise<OverrideKind>;
  identity(): Promise<MachineIdentity>;
  /** For explaining a machine that does not come. Absent where the protocol tells nothing of it. */
  report?(): Promise<MachineReport>;
  /** Ends sessions; never throws. */
  close(): Promise<void>;
}

/** A BMC with a Redfish service. */
export interface RedfishAddress {
  type: "redfish";
  /** `https://host[:port]`, without path. */
  url: string;
  username: string;
  password: string;
  /** PEM of the CA that signed the BMC's certificate. */
  ca?: string;
  /** SHA-256 of the BMC's certificate, as `AA:BB:…` or plain hex: pins it instead of verifying it. */
  fingerprint?: string;
  /** Path of the ComputerSystem, when the BMC serves several: `/redfish/v1/Systems/1`. */
  system?: string;
}

/** A BMC with IPMI 2.0 over LAN (RMCP+). */
export interface IpmiAddress {
  type: "ipmi";
  /** Address or name. */
  host: string;
  /** UDP. Default 623. */
  port?: number;
  /** At most 16 bytes. */
  username: string;
  /** At most 20 bytes. */
  password: string;
  /** Default: the best of those that the BMC lists. */
  cipherSuite?: CipherSuite;
}

/** UDP (RMCP, IANA: asf-rmcp). */
export const IPMI_PORT = 623;

/** Bytes of a user name and of a password in IPMI 2.0 (sections 22.28 and 22.30); ipmitool cuts longer ones without a word. */
export const IPMI_LONGEST = { username: 16, password: 20 } as const;

/**
 * Cipher suites with authentication, integrity and encryption (IPMI 2.0, table 22-20): 3 with SHA-1, 8 and 12 with
 * MD5, 17 with SHA-256, all with AES. The others send commands in the clear.
 */
export const CIPHER_SUITES = [3, 8, 12, 17] as const;
export type CipherSuite = (typeof CIPHER_SUITES)[number];

/** No BMC: a person presses the button. */
export interface ManualAddress {
  type: "manual";
}

/** No BMC, but a network card that switches the machine on; for all else, a person. */
export interface WakeOnLanAddress {
  type: "wake-on-lan";
  /** The card's MAC: lower case, colons. */
  mac: string;
  /** IPv4 address of the provisioning host in the card's network: the packet is sent from there. */
  from: string;
}

/** Where and how a machine's BMC is reached; `type` chooses the driver in `drivers.ts`. */
export type BmcAddress = RedfishAddress | IpmiAddress | WakeOnLanAddress | ManualAddress;

/** What a driver may use of its surroundings. */
export interface DriverContext {
  /** The machine's name, for messages. */
  machine: string;
  /** Asks a person for something that only they can do; nobody answers, the machine does. */
  ask(text: string): void;
  /** The provisioning host, which is in the machine's own network; the operator may be elsewhere. */
  host(): Promise<Pick<SshSession, "target" | "exec">>;
  signal?: AbortSignal;
}

export type OpenDriver<A extends BmcAddress = BmcAddress> = (address: A, context: DriverContext) => Promise<BmcDriver>;
