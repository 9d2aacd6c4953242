import type { BmcDriver } from "../../drivers/bmc/driver.js";
import { bmcAddress as addressOf, type BmcAddress, openBmc, sharedBy } from "../../drivers/bmc/drivers.js";
import { inTurn } from "../runtime/fleet.js";
import { stillAlone } from "../runtime/lock/cluster-lock.js";
import type { NodeContext } from "./context.js";
import type { StoredNode } from "./schema.js";

/** What is needed of an operation that asks a BMC. */
export type BmcUser = Pick<NodeContext<StoredNode>, "want" | "signal" | "ask" | "host" | "say">;

/** Opens the machine's BMC, does one thing with it, and ends the session. Few calls at once per BMC, and per chassis. */
export async function withBmc<T>(node: BmcUser, work: (bmc: BmcDriver) => Promise<T>): Promise<T> {
  const { name } = node.want;
  const address = bmcAddress(node.want);
  const asked = async () => {
    await stillAlone(node.want.cluster);
    const bmc = await openBmc(address, {
      machine: name,
      ask: (text) => node.ask(text),
      host: () => node.host(),
      signal: node.signal,
    });
    try {
      return await work(bmc);
    } finally {
      await bmc.close();
    }
  };
  const ofBmc = () => inTurn("bmc", asked, { scope: sharedBy(address) ?? name, signal: node.signal });
  const chassis = chassisOf(node.want);
  // The wider turn first, always: the machines of a chassis never wait for each other's in a circle.
  return chassis === undefined ? ofBmc() : inTurn("bmc", ofBmc, { scope: `chassis ${chassis}`, signal: node.signal });
}

/** Blades have BMCs of their own, and one manager in front of them all. */
function chassisOf({ bmc }: Pick<StoredNode, "bmc">): string | undefined {
  return "chassis" in bmc ? bmc.chassis : undefined;
}

/** The machine's own access, completed with what is common to all. */
export function bmcAddress({
  bmc,
  bmcPassword,
  bmcDefaults: common,
  mac,
  pxe,
}: Pick<StoredNode, "bmc" | "bmcPassword" | "bmcDefaults" | "mac" | "pxe">): BmcAddress {
  return addressOf(bmc, {
    username: ("username" in bmc ? bmc.username : undefined) ?? common.username ?? "",
    password: bmcPassword ?? common.password ?? "",
    common,
    mac,
    // What machines fetch their boot files from is the host's address in their network.
    from: new URL(pxe.httpUrl).hostname,
  });
}
