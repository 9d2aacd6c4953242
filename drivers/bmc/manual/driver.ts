import type { BmcDriver, BootDevice, FirmwareMode, ManualAddress, OpenDriver, PowerState } from "../driver.js";

/**
 * A person instead of a BMC. Nothing can be asked of the machine, so power counts as on, and a power change resolves as
 * soon as it has been asked for: whether it happened shows on the wire and over ssh, where the caller waits for it.
 */
export const openManual: OpenDriver<ManualAddress> = async (_address, context) => {
  const driver: BmcDriver = {
    power: async () => "on",
    setPower: async (state) => {
      context.signal?.throwIfAborted();
      context.say(POWER_REQUESTS[state](context.machine));
    },
    setBootOnce: async (device, mode) => {
      context.signal?.throwIfAborted();
      context.say(bootRequest(context.machine, device, mode));
    },
    identity: async () => ({}),
    close: async () => {},
  };
  return driver;
};

const POWER_REQUESTS: Record<PowerState | "cycle", (machine: string) => string> = {
  on: (machine) => `Please switch ${machine} on, if it is off.`,
  off: (machine) => `Please switch ${machine} off: hold its power button for five seconds.`,
  cycle: (machine) => `Please switch ${machine} off and on again.`,
};

const DEVICES: Record<Exclude<BootDevice, "none">, string> = {
  pxe: "the network (PXE)",
  disk: "its disk",
  "uefi-http": "the network (UEFI HTTP boot)",
};

function bootRequest(machine: string, device: BootDevice, mode: FirmwareMode): string {
  if (device === "none") return `Please let ${machine} boot in its usual order.`;
  const firmware = mode === "uefi" ? "UEFI" : "BIOS";
  return `Please have ${machine} boot from ${DEVICES[device]} once, in ${firmware} mode: choose it in the boot menu.`;
}
