import type { MachineReport } from "../driver.js";
import type { RedfishClient } from "./client.js";
import { readInterfaces } from "./identity.js";
import { readSystem } from "./system.js";

/** LinkStatus of EthernetInterface (DSP0268); other values say nothing. */
const LINKS: Readonly<Record<string, "up" | "down">> = { LinkUp: "up", LinkDown: "down", NoLink: "down" };

/** Memory, links and boot override, as far as the BMC tells them. */
export async function readReport(client: RedfishClient, path: string, signal: AbortSignal): Promise<MachineReport> {
  const { resource: system } = await readSystem(client, path, signal);
  const interfaces = await readInterfaces(client, system.EthernetInterfaces?.["@odata.id"], signal);
  const links = interfaces.flatMap(({ mac, link }) => {
    const known = LINKS[link ?? ""];
    return known === undefined ? [] : [[mac, known] as const];
  });
  const gib = system.MemorySummary?.TotalSystemMemoryGiB;
  const { BootSourceOverrideEnabled: enabled, BootSourceOverrideTarget: target } = system.Boot ?? {};
  return {
    // Many report 0 while the machine is off.
    ...(typeof gib === "number" && gib > 0 ? { memory: Math.round(gib * 1024) } : {}),
    ...(links.length === 0 ? {} : { links: Object.fromEntries(links) }),
    ...(enabled === undefined || enabled === null ? {} : { bootOverride: [enabled, target].join(", ") }),
  };
}
