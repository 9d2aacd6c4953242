import type { Membership, RaftService } from "../../drivers/raft/driver.js";
import { waitUntil } from "../../foundation/wait.js";
import { replacedVoters } from "../membership/replaced.js";
import type { NodeContext } from "./context.js";
import { type RaftUser, raftOf } from "./disruption.js";

/** What is needed to ask a service for its members. */
export type MembersUser = RaftUser & Pick<NodeContext, "signal">;

/** A cluster that is born has nobody to answer, and a machine must not wait long for that. */
const LOOK_MS = 4000;
/** Of a cluster that a machine has just left, somebody leads after an election at the latest. */
const LEADER_MS = 120_000;

/**
 * Whether the cluster that this machine is declared to form lives already: then it joins, with `bootstrap: false`. A machine
 * that comes back without its data must never form a second cluster beside the first. Silence is no cluster: then all
 * depends on the service, as at birth. Only of a machine that is replaced in this very run it is known that others vote.
 * @throws FlintError `QUORUM_UNKNOWN` when those do not answer.
 */
export async function clusterLives(node: NodeContext): Promise<boolean> {
  if (node.want.config.bootstrap !== true) return false;
  const { cluster, name } = node.want;
  if (!replacedVoters(cluster).includes(name)) return ledNow(node);
  await waitUntil(() => ledNow(node), {
    reason: "a leader of the cluster that it joins again",
    subject: `${name}, which left cluster ${cluster}`,
    code: "QUORUM_UNKNOWN",
    deadlineMs: LEADER_MS,
    intervalMs: 1000,
    maxIntervalMs: 5000,
    signal: node.signal,
    remedy: "Bring the other members back (`systemctl status chainfire` on each), then run `pulumi up` again.",
  });
  return true;
}

async function ledNow(node: NodeContext): Promise<boolean> {
  const asked = await Promise.all([askMembers(node, "chainfire"), askMembers(node, "flaredb")]);
  return asked.some((membership) => membership?.leader !== undefined);
}

/** What the members say, within seconds; undefined when none does, and for machines that do not vote. */
export async function askMembers(node: MembersUser, service: RaftService): Promise<Membership | undefined> {
  const client = raftOf(node, service);
  if (client === undefined) return undefined;
  try {
    return await client.members(LOOK_MS);
  } catch {
    node.signal.throwIfAborted();
    return undefined;
  } finally {
    await client.close();
  }
}
