import type { Clock } from "../clock.js";
import type { Answer } from "./answer.js";
import { addMember, removeMember } from "./raft/changes.js";
import type { RaftGroup } from "./raft/group.js";
import type { Replica } from "./raft/replica.js";
import { viewOf } from "./raft/view.js";

/** What a look at the cluster told the unit. */
type Look = "votes" | "not yet" | { failed: string };

const INTERVAL_MS = 1_000;
const DEADLINE_MS = 600_000;
/** Restarts after a failure. */
const RESTART_MS = 5_000;
const LONGEST_RESTART_MS = 120_000;

export interface JoinOptions {
  clock: Clock;
  group: RaftGroup;
  /** The node's own process, while it runs. */
  replica: () => Replica | undefined;
  signal: AbortSignal;
  onFailure: (why: string) => void;
}

/**
 * What cluster-join.sh does: resolves once the leader lists this node as a voter. A bootstrap node only waits; others, and
 * those whose data is gone, ask the leader.
 */
export async function joinCluster({ clock, group, replica, signal, onFailure }: JoinOptions): Promise<void> {
  let pause = RESTART_MS;
  let ends = clock.now() + DEADLINE_MS;
  for (;;) {
    signal.throwIfAborted();
    const own = replica();
    const found = own === undefined ? "not yet" : await look(group, own);
    signal.throwIfAborted();
    if (found === "votes") return;
    const failed =
      typeof found === "object" ? found.failed : clock.now() > ends ? "it did not come in time" : undefined;
    if (failed === undefined) await clock.sleep(INTERVAL_MS, signal);
    else {
      onFailure(failed);
      await clock.sleep(pause, signal);
      pause = Math.min(pause * 2, LONGEST_RESTART_MS);
      ends = clock.now() + DEADLINE_MS;
    }
  }
}

async function look(group: RaftGroup, own: Replica): Promise<Look> {
  const isReady = own.state === "waiting" || own.state === "removed" || own.leader !== undefined;
  const leader = isReady ? leaderFor(group, own) : undefined;
  if (leader === undefined) return "not yet";
  const { id, raftAddr, bootstrap } = own.identity;
  if (own.dataLost) {
    await leader.oneChange(() => removeMember(group, leader, id));
    return "not yet";
  }
  const row = viewOf(leader, group.replicas, true).members.find((each) => each.id === id);
  if (row?.raft_addr === raftAddr) return row.role === "learner" ? "not yet" : "votes";
  if (row !== undefined) return { failed: `${id} is listed at ${row.raft_addr}, but it is configured for ${raftAddr}` };
  if (bootstrap && own.state === "running") return "not yet";
  const answer = await leader.oneChange(() => addMember(group, leader, id, raftAddr));
  return conflictIn(answer, id, raftAddr);
}

/** A member that it knows tells who leads; that one must be reached, and agree. */
function leaderFor(group: RaftGroup, own: Replica): Replica | undefined {
  const known = new Set([own.id, ...own.identity.initial.map(({ id }) => id)]);
  for (const each of group.replicas) {
    if (!known.has(each.id) || !each.takesPart || !group.replicas.reaches(own, each)) continue;
    const leader = group.replicas.leaderOf(each);
    if (leader !== undefined && group.replicas.reaches(own, leader)) return leader;
  }
  return undefined;
}

function conflictIn({ status, body }: Answer, id: string, raftAddr: string): Look {
  if (status !== 409 || !("id" in body) || !("raft_addr" in body)) return "not yet";
  const same = body.id === id && body.raft_addr === raftAddr;
  return same ? "not yet" : { failed: `${body.id} at ${body.raft_addr} is a member: ${id} at ${raftAddr} cannot be` };
}
