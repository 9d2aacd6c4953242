import { type Answer, problem } from "../answer.js";
import type { RaftGroup } from "./group.js";
import { latestMembers, type RaftMember, votersAmong } from "./log.js";
import { type Connected, refusalToAdd, refusalToRemove } from "./member-rules.js";
import type { Replica } from "./replica.js";
import { viewOf } from "./view.js";

/** `POST /admin/member/add` at the leader: a learner, which gets its vote once it has caught up. */
export async function addMember(group: RaftGroup, leader: Replica, id: string, raftAddr: string): Promise<Answer> {
  const there = viewOf(leader, group.replicas, true).members.find((row) => row.id === id || row.raft_addr === raftAddr);
  if (there !== undefined)
    return { status: 409, body: { error: "already a member", id: there.id, raft_addr: there.raft_addr } };
  let refused: string | undefined;
  const failed = await group.changeMembers(leader, (members) => {
    refused = refusalToAdd(members, connectionsOf(group, leader));
    if (refused !== undefined || members.some((each) => each.id === id || each.raftAddr === raftAddr)) return undefined;
    return [...members, { raftId: group.newRaftId(raftAddr), id, raftAddr, voter: false, started: false }];
  });
  refused ??= failed;
  if (refused !== undefined) return problem(503, refused);
  return { status: 200, body: { id, raft_addr: raftAddr, role: "learner" } };
}

/** `POST /admin/member/remove` at the leader, which hands leadership over first where it is the one to go. */
export async function removeMember(group: RaftGroup, leader: Replica, id: string): Promise<Answer> {
  const rows = viewOf(leader, group.replicas).members;
  const row = rows.find((each) => each.id === id);
  const member = latestMembers(leader.data).find(({ raftId }) => raftId === row?.raft_id);
  if (row === undefined || member === undefined) return { status: 404, body: { error: `${id} is not a member` } };
  if (member.voter && rows.filter(({ role }) => role !== "learner").length === 1)
    return {
      status: 409,
      body: { error: `${id} is the last voter; stop it and delete its data to dissolve the cluster` },
    };
  if (member.raftId === leader.data.raftId) {
    const heirs = rows.filter(
      ({ role, healthy, match_index }) => role === "follower" && healthy && match_index !== undefined,
    );
    const [heir] = heirs.sort((a, b) => (b.match_index ?? 0) - (a.match_index ?? 0));
    if (heir === undefined) return problem(503, "no healthy voter to hand leadership to");
    const kept = await group.handOver(leader, heir.raft_id);
    if (kept !== undefined) return problem(503, kept);
  }
  let refused: string | undefined;
  const failed = await group.changeMembers(leader, (members) => {
    refused = whyItStays(group, leader, members, member);
    if (refused !== undefined || !members.some(({ raftId }) => raftId === member.raftId)) return undefined;
    return members.filter(({ raftId }) => raftId !== member.raftId);
  });
  refused ??= failed;
  return refused === undefined ? { status: 200, body: { id, raft_addr: member.raftAddr } } : problem(503, refused);
}

/** `POST /admin/leader/transfer` at the leader. */
export async function transferLeadership(group: RaftGroup, leader: Replica, to: string): Promise<Answer> {
  const row = viewOf(leader, group.replicas, true).members.find(({ id }) => id === to);
  if (row === undefined || row.role === "learner") return { status: 422, body: { error: `${to} is not a voter` } };
  const kept = row.role === "leader" ? undefined : await group.handOver(leader, row.raft_id);
  return kept === undefined ? { status: 200, body: { leader: to } } : problem(503, kept);
}

function whyItStays(
  group: RaftGroup,
  via: Replica,
  members: readonly RaftMember[],
  leaving: RaftMember,
): string | undefined {
  const current = members.find(({ raftId }) => raftId === leaving.raftId);
  if (current === undefined) return undefined;
  // Leadership may have come back to it meanwhile.
  if (group.replicas.leaderOf(via)?.data.raftId === leaving.raftId) return "etcdserver: leader changed";
  if (votersAmong(members).length === 1 && current.voter) return "etcdserver: leader changed";
  return refusalToRemove(members, current, connectionsOf(group, via));
}

/** A process is always connected with itself. */
function connectionsOf(group: RaftGroup, self: Replica): Connected {
  return (member) => {
    if (member.raftId === self.data.raftId) return Number.POSITIVE_INFINITY;
    const since = group.replicas.connectedSince(self, member);
    return since === undefined ? undefined : group.clock.now() - since;
  };
}
