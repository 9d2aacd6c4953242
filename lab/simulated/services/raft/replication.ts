import { applyCommitted, latestMembers, majorityOf, votersAmong } from "./log.js";
import type { GroupRecord } from "./record.js";
import type { Replica } from "./replica.js";

/** A follower gets what the leader has, and loses what the leader does not have. */
export function copyLog(leader: Replica, follower: Replica, record: GroupRecord): void {
  const [from, to] = [leader.data, follower.data];
  if (to.term > from.term) {
    record.violate(`${leader.id} leads ${follower.id}, whose term is later`);
    return;
  }
  let same = Math.min(from.log.length, to.log.length);
  while (same > 0 && from.log[same - 1] !== to.log[same - 1]) same--;
  if (same < to.commit) record.violate(`${follower.id} would lose committed entries to ${leader.id}`);
  if (to.log.length > same) to.log.length = same;
  for (; same < from.log.length; same++) {
    const entry = from.log[same];
    if (entry !== undefined) to.log.push(entry);
  }
  if (to.term < from.term) to.votedFor = undefined;
  to.term = from.term;
  follower.leader = from.raftId;
  follower.leads = false;
}

/**
 * What a majority of the voters has is committed, if it is of the leader's own term (and with it all before).
 * @param followers Those that the leader reaches and has brought up to date.
 */
export function advanceCommit(leader: Replica, followers: readonly Replica[], record: GroupRecord, now: number): void {
  const { data } = leader;
  const members = latestMembers(data);
  const voters = votersAmong(members);
  const last = data.log.at(-1);
  if (last === undefined || last.term !== data.term || last.index <= data.commit) return;
  const holders = [leader, ...followers]
    .filter((each) => each.data.log[last.index - 1] === last)
    .flatMap((each) => each.data.raftId ?? []);
  if (voters.filter(({ raftId }) => holders.includes(raftId)).length < majorityOf(voters.length)) return;
  for (let index = data.commit + 1; index <= last.index; index++) {
    const entry = data.log[index - 1];
    if (entry !== undefined) record.commit(now, data.generation, entry, holders, members);
  }
  data.commit = last.index;
  applyCommitted(data);
}

/** Followers learn what is committed. */
export function tellCommit(leader: Replica, followers: readonly Replica[]): void {
  for (const { data } of followers) {
    data.commit = Math.max(data.commit, Math.min(leader.data.commit, data.log.length));
    applyCommitted(data);
  }
}

/** It leads, and has committed an entry of its own term: it knows what is committed, and who is a member. */
export function isSettled({ leads, data }: Replica): boolean {
  return leads && data.log[data.commit - 1]?.term === data.term;
}

/** The last change of members is committed. */
export function hasNoPendingMembers({ data }: Replica): boolean {
  return latestMembers(data) === data.log[data.commit - 1]?.members;
}
