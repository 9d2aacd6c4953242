import type { RedfishClient } from "./client.js";
import { ROOT } from "./client.js";
import { noSuchSystem, whichSystem } from "./errors.js";
import { isMachine } from "./quirks.js";
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
  const paths = await systemPaths(client, signal);
  const [only] = paths;
  if (only === undefined || paths.length > 1) throw whichSystem(client.bmc, paths);
  return only;
}

/** The machines behind a BMC. Where there is but one, that, whatever it is. */
async function systemPaths(client: RedfishClient, signal: AbortSignal): Promise<string[]> {
  const { resource: root } = await client.get(ROOT, serviceRoot, signal);
  const { resource: systems } = await client.get(root.Systems["@odata.id"], collection, signal);
  const paths = systems.Members.map((member) => member["@odata.id"]);
  return paths.length === 1 ? paths : paths.filter(isMachine);
}

/** @throws FlintError `BMC_SYSTEM` with those that are there, when this one is not. */
export async function readSystem(client: RedfishClient, path: string, signal: AbortSignal): Promise<SeenSystem> {
  const { resource, etag } = await client.get(path, computerSystem, signal, async () =>
    noSuchSystem(client.bmc, path, await systemPaths(client, signal)),
  );
  return { path, resource, etag: etag ?? resource["@odata.etag"] };
}
