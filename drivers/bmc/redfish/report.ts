import { isFlintError } from "../../../foundation/errors.js";
import type { MachineReport } from "../driver.js";
import type { RedfishClient } from "./client.js";
import { readInterfaces } from "./identity.js";
import { secureBoot } from "./schema.js";
import { readSystem } from "./system.js";

/** LinkStatus of EthernetInterface (DSP0268); other values say nothing. */
const LINKS: Readonly<Record<string, "up" | "down">> = { LinkUp: "up", LinkDown: "down", NoLink: "down" };

/** SecureBootCurrentBoot of SecureBoot (DSP2046). Services that leave it out tell at least what is set for the next boot. */
async function readSecureBoot(
  client: RedfishClient,
  path: string | undefined,
  signal: AbortSignal,
): Promise<MachineReport["secureBoot"]> {
  if (path === undefined) return undefined;
  try {
    const { SecureBootCurrentBoot: now, SecureBootEnable: set } = (await client.get(path, secureBoot, signal)).resource;
    if (now === "Enabled" || now === "Disabled") return now === "Enabled" ? "on" : "off";
    return typeof set === "boolean" ? (set ? "on" : "off") : undefined;
  } catch (error) {
    if (isFlintError(error, "BMC_REFUSED") || isFlintError(error, "BMC_ANSWER")) return undefined;
    throw error;
  }
}

/** Memory, links, Secure Boot and boot override, as far as the BMC tells them. */
export async function readReport(client: RedfishClient, path: string, signal: AbortSignal): Promise<MachineReport> {
  const { resource: system } = await readSystem(client, path, signal);
  const interfaces = await readInterfaces(client, system.EthernetInterfaces?.["@odata.id"], signal);
  const links = interfaces.flatMap(({ mac, link }) => {
    const known = LINKS[link ?? ""];
    return known === undefined ? [] : [[mac, known] as const];
  });
  const secure = await readSecureBoot(client, system.SecureBoot?.["@odata.id"], signal);
  const gib = system.MemorySummary?.TotalSystemMemoryGiB;
  const { BootSourceOverrideEnabled: enabled, BootSourceOverrideTarget: target } = system.Boot ?? {};
  return {
    // Many report 0 while the machine is off.
    ...(typeof gib === "number" && gib > 0 ? { memory: Math.round(gib * 1024) } : {}),
    ...(links.length === 0 ? {} : { links: Object.fromEntries(links) }),
    ...(secure === undefined ? {} : { secureBoot: secure }),
    ...(enabled === undefined || enabled === null ? {} : { bootOverride: [enabled, target].join(", ") }),
  };
}
