import type { BmcDriver, OpenDriver } from "../driver.js";
import { bootRequest, POWER_REQUESTS } from "../manual/requests.js";
import type { WakeOnLanAddress } from "./address.js";
import { sendMagicPacket } from "./send-packet.js";

/**
 * A machine that its network card switches on. The card tells nothing, and cannot switch off or choose what to boot from:
 * power is unknown, and a person is asked for the rest. A machine that boots from the network first, and an operating
 * system that is shut down over ssh, need nobody.
 */
export const openWakeOnLan: OpenDriver<WakeOnLanAddress> = async (address, { machine, ask, host, signal }) => {
  const wake = async () => sendMagicPacket(await host(), machine, address, signal);
  const driver: BmcDriver = {
    power: async () => "unknown",
    setPower: async (state) => {
      signal?.throwIfAborted();
      if (state === "off") return ask(POWER_REQUESTS.off(machine));
      // A packet does nothing to a machine that is on.
      if (state === "cycle") ask(`${machine} is woken over the network. If it is on already, please restart it.`);
      await wake();
    },
    setBootOnce: async (device, mode) => {
      signal?.throwIfAborted();
      ask(`${bootRequest(machine, device, mode)}${device === "none" ? "" : " Nothing to do where that comes first."}`);
      return "asked";
    },
    identity: async () => ({}),
    close: async () => {},
  };
  return driver;
};
