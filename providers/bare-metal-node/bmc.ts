import type { BmcDriver } from "../../drivers/bmc/driver.js";
import { openBmc } from "../../drivers/bmc/drivers.js";
import { inTurn } from "../runtime/fleet.js";
import type { NodeContext } from "./context.js";

/** Opens the machine's BMC, does one thing with it, and ends the session. Few calls at once per BMC. */
export async function withBmc<T>(node: NodeContext, work: (bmc: BmcDriver) => Promise<T>): Promise<T> {
  const { bmc: address, name } = node.want;
  const scope = address.type === "redfish" ? address.url : name;
  return inTurn(
    "bmc",
    async () => {
      const bmc = await openBmc(address, { machine: name, say: (text) => node.say(text), signal: node.signal });
      try {
        return await work(bmc);
      } finally {
        await bmc.close();
      }
    },
    { scope, signal: node.signal },
  );
}
