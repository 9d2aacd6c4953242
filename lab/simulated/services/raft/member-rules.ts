import { majorityOf, type RaftMember, votersAmong } from "./log.js";

/** So long must members have been connected, as etcd's strict reconfiguration check has it. Simulated milliseconds. */
export const HEALTH_INTERVAL_MS = 5_000;

/** For how long the leader is connected with a member; undefined: it is not. */
export type Connected = (member: RaftMember) => number | undefined;

/** etcd's texts: why nothing is changed now. Undefined: it may be. Pure. */
export function refusalToAdd(members: readonly RaftMember[], connected: Connected): string | undefined {
  if (!votersAmong(members).every((voter) => isConnected(voter, connected))) return "etcdserver: unhealthy cluster";
  if (members.some(({ voter }) => !voter)) return "etcdserver: too many learner members in cluster";
  return undefined;
}

export function refusalToRemove(
  members: readonly RaftMember[],
  leaving: RaftMember,
  connected: Connected,
): string | undefined {
  if (!leaving.voter) return undefined;
  const voters = votersAmong(members);
  const others = voters.filter(({ raftId }) => raftId !== leaving.raftId);
  if (others.filter(({ started }) => started).length < majorityOf(others.length))
    return "etcdserver: re-configuration failed due to not enough started members";
  // One that is down is not among those that decide now.
  if (connected(leaving) === undefined) return undefined;
  const active = voters.filter((voter) => isConnected(voter, connected)).length;
  return active - 1 < majorityOf(others.length) ? "etcdserver: unhealthy cluster" : undefined;
}

export function refusalToPromote(members: readonly RaftMember[], learner: RaftMember): string | undefined {
  const voters = [...votersAmong(members), learner];
  return voters.filter(({ started }) => started).length < majorityOf(voters.length)
    ? "etcdserver: re-configuration failed due to not enough started members"
    : undefined;
}

function isConnected(member: RaftMember, connected: Connected): boolean {
  return (connected(member) ?? 0) >= HEALTH_INTERVAL_MS;
}
