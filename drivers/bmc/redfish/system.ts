import type { RedfishClient } from "./client.js";
import { ROOT } from "./client.js";
import { whichSystem } from "./errors.js";
import { type ComputerSystem, collection, computerSystem, serviceRoot } from "./schema.js";

export interface SeenSystem {
  path: string;
  resource: ComputerSystem;
  etag?: string;
}

/**
 * The path of the machine's ComputerSystem: the declared one, or the only one.
 * @throws FlintError `BMC_SYSTEM` with the paths to choose from.
 */
export async function findSystem(
  client: RedfishClient,
  declared: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (declared !== undefined) return declared;
  const { resource: root } = await client.get(ROOT, serviceRoot, signal);
  const { resource: systems } = await client.get(root.Systems["@odata.id"], collection, signal);
  const paths = systems.Members.map((member) => member["@odata.id"]);
  const [only] = paths;
  if (only === undefined || paths.length > 1) throw whichSystem(client.bmc, paths);
  return only;
}

export async function readSystem(client: RedfishClient, path: string, signal: AbortSignal): Promise<SeenSystem> {
  const { resource, etag } = await client.get(path, computerSystem, signal);
  return { path, resource, etag: etag ?? resource["@odata.etag"] };
}
