import type { SshSession } from "../ssh/target.js";

/** Power state as a user means it. A BMC's transitional states (PoweringOn …) count as the state they come from. */
export type PowerState = "on" | "off";
/** One-time boot source. `uefi-http` is UEFI HTTP boot; `none` clears an override. */
export type BootDevice = "pxe" | "disk" | "uefi-http" | "none";
/**
 * `lasting`: the BMC knows no override that ends by itself; whoever set it takes it back with `none`. `asked`: there is nothing
 * that could be read back, a person was asked.
 */
export type OverrideKind = "once" | "lasting" | "asked";
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
  /**
   * For the next boot only, or `lasting` where there is nothing else. Reads back what the BMC accepted; what the firmware makes
   * of it shows on the wire alone.
   * @param mode Of no account for `none`.
   * @param lasting Awaited before an override is set that will last, where that is known before.
   */
  setBootOnce(device: BootDevice, mode: FirmwareMode, lasting?: () => Promise<void>): Promise<OverrideKind>;
  identity(): Promise<MachineIdentity>;
  /** For explaining a machine that does not come. Absent where the protocol tells nothing of it. */
  report?(): Promise<MachineReport>;
  /** Ends sessions; never throws. */
  close(): Promise<void>;
}

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

export type OpenDriver<A> = (address: A, context: DriverContext) => Promise<BmcDriver>;
