import { isFlintError } from "../../../foundation/errors.js";
import type { MachineIdentity } from "../driver.js";
import { filledIn } from "../filled-in.js";
import type { RedfishClient } from "./client.js";
import { effectsFor } from "./quirks.js";
import { collection, ethernetInterface } from "./schema.js";
import { readSystem } from "./system.js";

/** A machine with more network functions than this is read only so far. */
const MAX_INTERFACES = 32;

/** What the BMC knows of its machine. Fields that nobody has filled are left out. */
export async function readIdentity(client: RedfishClient, path: string, signal: AbortSignal): Promise<MachineIdentity> {
  const { resource: system } = await readSystem(client, path, signal);
  const macs = await readMacs(client, system.EthernetInterfaces?.["@odata.id"], signal);
  return {
    ...known("vendor", system.Manufacturer),
    ...known("model", system.Model),
    ...known("serial", (effectsFor(system).serialInSku ? system.SKU : undefined) ?? system.SerialNumber),
    ...known("uuid", system.UUID?.toLowerCase()),
    ...(macs.length === 0 ? {} : { macs }),
  };
}

function known<K extends string>(key: K, value: string | null | undefined): { [P in K]?: string } {
  const text = filledIn(value);
  return text === undefined ? {} : ({ [key]: text } as { [P in K]?: string });
}

/** A card as the BMC lists it. */
export interface Interface {
  mac: string;
  /** EthernetInterface.LinkStatus: LinkUp, LinkDown, NoLink. */
  link: string | undefined;
}

async function readMacs(client: RedfishClient, path: string | undefined, signal: AbortSignal): Promise<string[]> {
  return [...new Set((await readInterfaces(client, path, signal)).map(({ mac }) => mac))];
}

/** None when the BMC does not list its host's interfaces, which many do only while the host is on. */
export async function readInterfaces(
  client: RedfishClient,
  path: string | undefined,
  signal: AbortSignal,
): Promise<Interface[]> {
  if (path === undefined) return [];
  try {
    const { resource } = await client.get(path, collection, signal);
    const interfaces: Interface[] = [];
    for (const member of resource.Members.slice(0, MAX_INTERFACES)) {
      const nic = (await client.get(member["@odata.id"], ethernetInterface, signal)).resource;
      const mac = normalMac(nic.PermanentMACAddress ?? nic.MACAddress ?? "");
      if (mac !== undefined) interfaces.push({ mac, link: nic.LinkStatus ?? undefined });
    }
    return interfaces;
  } catch (error) {
    if (isFlintError(error, "BMC_REFUSED") || isFlintError(error, "BMC_ANSWER")) return [];
    throw error;
  }
}

/** `52-54-00-AA-BB-CC`, `525400aabbcc` → `52:54:00:aa:bb:cc`. */
export function normalMac(text: string): string | undefined {
  const digits = text.replace(/[^0-9a-f]/gi, "").toLowerCase();
  return digits.length === 12 ? (digits.match(/../g) ?? []).join(":") : undefined;
}
