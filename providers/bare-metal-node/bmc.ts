import { type BmcAddress, type BmcDriver, IPMI_PORT } from "../../drivers/bmc/driver.js";
import { openBmc } from "../../drivers/bmc/drivers.js";
import { inTurn } from "../runtime/fleet.js";
import type { NodeContext } from "./context.js";
import type { StoredNode } from "./schema.js";

/** What is needed of an operation that asks a BMC. */
export type BmcUser = Pick<NodeContext<StoredNode>, "want" | "signal" | "ask" | "host" | "say">;

/** Opens the machine's BMC, does one thing with it, and ends the session. Few calls at once per BMC, and per chassis. */
export async function withBmc<T>(node: BmcUser, work: (bmc: BmcDriver) => Promise<T>): Promise<T> {
  const { name } = node.want;
  const address = bmcAddress(node.want);
  const asked = async () => {
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
  const ofBmc = () => inTurn("bmc", asked, { scope: scopeOf(address) ?? name, signal: node.signal });
  const chassis = chassisOf(node.want);
  // The wider turn first, always: the machines of a chassis never wait for each other's in a circle.
  return chassis === undefined ? ofBmc() : inTurn("bmc", ofBmc, { scope: `chassis ${chassis}`, signal: node.signal });
}

/** What is asked with few calls at once: one BMC may serve several machines, as those of a chassis. */
function scopeOf(address: BmcAddress): string | undefined {
  if (address.type === "redfish") return address.url;
  return address.type === "ipmi" ? `${address.host}:${address.port ?? IPMI_PORT}` : undefined;
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
  if (bmc.type === "manual") return bmc;
  // What machines fetch their boot files from is the host's address in their network.
  if (bmc.type === "wake-on-lan") return { type: "wake-on-lan", mac, from: new URL(pxe.httpUrl).hostname };
  const credentials = {
    username: bmc.username ?? common.username ?? "",
    password: bmcPassword ?? common.password ?? "",
  };
  if (bmc.type === "ipmi")
    return {
      type: "ipmi",
      host: bmc.host,
      ...(bmc.port === undefined ? {} : { port: bmc.port }),
      ...credentials,
      ...(bmc.cipherSuite === undefined ? {} : { cipherSuite: bmc.cipherSuite }),
    };
  // Whoever pins or verifies in its own way does not take the other way from the others.
  const trust = bmc.ca === undefined && bmc.fingerprint === undefined ? common : bmc;
  return {
    type: "redfish",
    url: bmc.url,
    ...credentials,
    ...(trust.ca === undefined ? {} : { ca: trust.ca }),
    ...(trust.fingerprint === undefined ? {} : { fingerprint: trust.fingerprint }),
    ...(bmc.system === undefined ? {} : { system: bmc.system }),
  };
}
