import type { BmcAddress, BmcDriver, DriverContext, OpenDriver } from "./driver.js";

/** Every driver, by the `type` of its address. Loaded when first used: a preview opens none. */
const drivers: { [T in BmcAddress["type"]]: () => Promise<OpenDriver<Extract<BmcAddress, { type: T }>>> } = {
  redfish: async () => (await import("./redfish/driver.js")).openRedfish,
  ipmi: async () => (await import("./ipmi/driver.js")).openIpmi,
  "wake-on-lan": async () => (await import("./wake-on-lan/driver.js")).openWakeOnLan,
  manual: async () => (await import("./manual/driver.js")).openManual,
};

/** Opens the driver for a machine's BMC. Nothing is sent before its first method is called. Close it after use. */
export async function openBmc(address: BmcAddress, context: DriverContext): Promise<BmcDriver> {
  // The table's type ties each driver to its address; TypeScript cannot follow that through an indexed call.
  const open = (await drivers[address.type]()) as OpenDriver;
  return open(address, context);
}
