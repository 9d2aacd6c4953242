import type { RaftService } from "../../drivers/raft/driver.js";
import type { NodeContext } from "./context.js";
import { raftOf } from "./disruption.js";

/** A cluster that is born has nobody to answer, and a machine must not wait long for that. */
const LOOK_MS = 4000;

/**
 * Whether the cluster that this machine is declared to form lives already: then it joins, with `bootstrap: false`. A machine
 * that comes back without its data must never form a second cluster beside the first. Silence is no cluster: then all
 * depends on the service, as at birth.
 */
export async function clusterLives(node: NodeContext): Promise<boolean> {
  if (node.want.config.bootstrap !== true) return false;
  const led = await Promise.all([hasLeader(node, "chainfire"), hasLeader(node, "flaredb")]);
  return led.includes(true);
}

async function hasLeader(node: NodeContext, service: RaftService): Promise<boolean> {
  const client = raftOf(node, service);
  if (client === undefined) return false;
  try {
    return (await client.members(LOOK_MS))?.leader !== undefined;
  } catch {
    node.signal.throwIfAborted();
    return false;
  } finally {
    await client.close();
  }
}
