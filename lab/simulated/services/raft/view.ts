import { urlByAddress, urlByName } from "./identity.js";
import { committedMembers, type RaftMember } from "./log.js";
import type { Replica } from "./replica.js";
import type { Replicas } from "./replicas.js";

export interface MemberRow {
  id: string;
  raft_addr: string;
  role: "leader" | "follower" | "learner";
  healthy: boolean;
  started: boolean;
  raft_id: string;
  match_index?: number;
}

/** The answer to `GET /admin/cluster/members`. */
export interface MembershipView {
  leader?: string;
  leader_url?: string;
  leader_address?: string;
  term: number;
  commit_index: number;
  members: MemberRow[];
}

/** The members as this one has them committed. @param brief Without asking them how they are. */
export function viewOf(replica: Replica, replicas: Replicas, brief = false): MembershipView {
  const { data, identity } = replica;
  const members = membersKnownTo(replica);
  const leader = members.find(({ raftId }) => raftId === replica.leader);
  const rows = members.map((member): MemberRow => {
    const role = member === leader ? "leader" : member.voter ? "follower" : "learner";
    const { id, raftAddr, started, raftId } = member;
    const row: MemberRow = { id, raft_addr: raftAddr, role, healthy: false, started, raft_id: raftId };
    const peer = !brief && started ? replicas.peer(replica, raftId) : undefined;
    return peer === undefined ? row : { ...row, healthy: peer.leader !== undefined, match_index: peer.data.commit };
  });
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  const leading =
    leader === undefined
      ? {}
      : {
          leader: leader.id,
          leader_url: urlByName(identity, leader.id, leader.raftAddr),
          leader_address: urlByAddress(identity, leader.raftAddr),
        };
  return { ...leading, term: Math.max(1, data.term), commit_index: data.commit, members: rows };
}

/** One that would found the cluster knows those that it would found it with. */
function membersKnownTo(replica: Replica): readonly RaftMember[] {
  if (!replica.founding) return committedMembers(replica.data);
  return replica.identity.initial.map(({ id, raftAddr }) => ({
    raftId: "0",
    id,
    raftAddr,
    voter: true,
    started: false,
  }));
}

/** The newest membership with a leader that another initial member tells; learners pass on what voters say. */
export function askOthers(replica: Replica, replicas: Replicas): MembershipView | undefined {
  const others = replica.identity.initial.filter(({ id }) => id !== replica.id);
  let newest: MembershipView | undefined;
  for (const each of replicas) {
    if (each === replica || !each.takesPart || each.self?.voter !== true || !replicas.reaches(replica, each)) continue;
    if (!others.some(({ id, raftAddr }) => id === each.id && raftAddr === each.identity.raftAddr)) continue;
    const view = viewOf(each, replicas, true);
    if (view.leader !== undefined && (newest === undefined || view.term > newest.term)) newest = view;
  }
  return newest;
}
