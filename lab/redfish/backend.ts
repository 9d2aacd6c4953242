/** `ComputerSystem.PowerState` of Redfish. */
export type PowerState = "On" | "Off" | "PoweringOn" | "PoweringOff";

export const BOOT_SOURCES = ["None", "Pxe", "Hdd", "UefiHttp"] as const;
/** Boot sources that the emulated firmware can be told to use; `None` is its own order (disk, then network). */
export type BootSource = (typeof BOOT_SOURCES)[number];

export type FirmwareMode = "UEFI" | "Legacy";

/** What a BMC reports about its machine. */
export interface Inventory {
  uuid: string;
  serial: string;
  model: string;
  /** MAC addresses in the order of the slots. */
  macs: readonly string[];
  cpus: number;
  memoryGiB: number;
  mode: FirmwareMode;
  /** Default: firmware that knows no Secure Boot. */
  secureBoot?: boolean;
}

/** The machine behind a BMC. Methods resolve when the hardware has done it; each may be repeated. */
export interface Backend {
  readonly inventory: Inventory;
  power(): PowerState;
  /** Starts the machine; it boots from the source that its boot override gives. Nothing happens when it is on. */
  powerOn(reason: string): Promise<void>;
  /** Cuts the power. Nothing happens when it is off. */
  forceOff(reason: string): Promise<void>;
  /** Presses the power button for a moment: the operating system decides whether and when it goes off. */
  pressPowerButton(): Promise<void>;
}
