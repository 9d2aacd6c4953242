import type { BootDevice, FirmwareMode, PowerState } from "../driver.js";

/** What a person is asked for whose machine nothing else switches. */
export const POWER_REQUESTS: Record<PowerState | "cycle", (machine: string) => string> = {
  on: (machine) => `Please switch ${machine} on, if it is off.`,
  off: (machine) => `Please switch ${machine} off: hold its power button for five seconds.`,
  cycle: (machine) => `Please switch ${machine} off and on again.`,
};

const DEVICES: Record<Exclude<BootDevice, "none">, string> = {
  pxe: "the network (PXE)",
  disk: "its disk",
  "uefi-http": "the network (UEFI HTTP boot)",
};

export function bootRequest(machine: string, device: BootDevice, mode: FirmwareMode): string {
  if (device === "none") return `Please let ${machine} boot in its usual order.`;
  const firmware = mode === "uefi" ? "UEFI" : "BIOS";
  return `Please have ${machine} boot from ${DEVICES[device]} once, in ${firmware} mode: choose it in the boot menu.`;
}
