import type { BmcDriver, OpenDriver } from "../driver.js";
import type { ManualAddress } from "./address.js";
import { bootRequest, POWER_REQUESTS } from "./requests.js";

/**
 * A person instead of a BMC. Nothing can be asked of the machine, so its power is unknown, and a power change resolves as
 * soon as it has been asked for: whether it happened shows on the wire and over ssh, where the caller waits for it.
 */
export const openManual: OpenDriver<ManualAddress> = async (_address, context) => {
  const driver: BmcDriver = {
    power: async () => "unknown",
    setPower: async (state) => {
      context.signal?.throwIfAborted();
      context.ask(POWER_REQUESTS[state](context.machine));
    },
    setBootOnce: async (device, mode) => {
      context.signal?.throwIfAborted();
      context.ask(bootRequest(context.machine, device, mode));
      return "asked";
    },
    identity: async () => ({}),
    close: async () => {},
  };
  return driver;
};
