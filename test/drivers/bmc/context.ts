import type { DriverContext } from "../../../drivers/bmc/driver.js";

/** The surroundings of a driver that asks nobody and needs no provisioning host. */
export function driverContext(changes: Partial<DriverContext> = {}): DriverContext {
  return {
    machine: "node01",
    ask: (text) => {
      throw new Error(`nobody is here to be asked: ${text}`);
    },
    host: () => Promise.reject(new Error("no provisioning host")),
    ...changes,
  };
}
