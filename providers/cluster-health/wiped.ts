import { FlintError } from "../../foundation/errors.js";
import { readRecord } from "../bare-metal-node/record.js";
import { rootInState } from "../membership/in-state.js";
import { connections } from "../runtime/connections.js";
import { withShared } from "../runtime/shared.js";
import { hostTargetSchema } from "../ssh-target-schema.js";

const LOOK_MS = 10_000;

/**
 * Nodes among those that were taken back whose disks an earlier run has begun to wipe: they may answer from memory as if nothing
 * were wrong. A provisioning host that does not answer says nothing of them.
 */
export async function wipedOf(cluster: string, takenBack: readonly string[], signal: AbortSignal): Promise<string[]> {
  const { data: target } = hostTargetSchema.safeParse(withShared(["host"], {}).host);
  if (target === undefined || takenBack.length === 0) return [];
  const host = await connections.get(target, { deadlineMs: LOOK_MS, signal }).catch(() => undefined);
  signal.throwIfAborted();
  const wiped: string[] = [];
  for (const name of takenBack) {
    const root = rootInState(cluster, name);
    if (host === undefined || root === undefined) continue;
    const record = await readRecord(host, root, name).catch(() => undefined);
    signal.throwIfAborted();
    if (record?.phase === "wiping" || record?.phase === "wiped") wiped.push(name);
  }
  return wiped;
}

/** Nothing in this run makes them well, whatever they answer. Pure. */
export function refuseWiped(cluster: string, wiped: readonly string[]): FlintError {
  const [disk, them, their] =
    wiped.length === 1 ? ["its whole disk", "it", "its"] : ["their whole disks", "them", "their"];
  return new FlintError("CLUSTER_UNHEALTHY", {
    subject: `cluster ${cluster}`,
    expected: `cluster ${cluster} to be healthy`,
    found: `${wiped.join(", ")} without ${disk}: a run that was ended had begun to wipe ${them}, and what answers there answers from memory`,
    remedy: `Raise ${their} generation to install ${them} anew, or take ${them} out again; then run \`pulumi up\`.`,
  });
}
