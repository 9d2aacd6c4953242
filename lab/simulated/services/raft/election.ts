import { type Entry, majorityOf, votersAmong } from "./log.js";
import type { GroupRecord } from "./record.js";
import type { Replica } from "./replica.js";
import type { Replicas } from "./replicas.js";

/**
 * A candidate asks the voters that it reaches. Nobody's term grows before a majority would vote for it (pre-vote), and who
 * hears a leader votes for nobody else, unless that leader itself asks for it.
 * @returns whether it leads now.
 */
export function campaign(
  candidate: Replica,
  replicas: Replicas,
  { record, now, handedOver = false }: { record: GroupRecord; now: number; handedOver?: boolean },
): boolean {
  const { data } = candidate;
  const self = candidate.self;
  if (data.raftId === undefined || self?.voter !== true) return false;
  if (!handedOver && replicas.leaderOf(candidate) !== undefined) return false;
  const reached = replicas.reachedVoters(candidate);
  const term = Math.max(...reached.map((each) => each.data.term)) + 1;
  const granted = reached.filter(
    (voter) => (handedOver || replicas.leaderOf(voter) === undefined) && isUpToDate(candidate, voter),
  );
  if (granted.length < majorityOf(votersAmong(candidate.members).length)) return false;
  for (const voter of granted) {
    voter.data.term = term;
    voter.data.votedFor = data.raftId;
    if (voter.self !== undefined) record.voted(voter.self, term, data.raftId);
  }
  for (const each of reached) {
    each.leads = false;
    if (granted.includes(each)) follow(each, candidate);
  }
  candidate.leads = true;
  record.elected({ at: now, term, id: candidate.id, raftId: data.raftId }, data.generation, data.log);
  append(candidate, { index: data.log.length + 1, term, change: { kind: "members" }, members: candidate.members });
  return true;
}

/** A vote is for a log that has at least what the voter's has. */
function isUpToDate(candidate: Replica, voter: Replica): boolean {
  const [theirs, own] = [candidate.data.log.at(-1), voter.data.log.at(-1)];
  if (own === undefined || theirs === undefined) return own === undefined;
  return theirs.term > own.term || (theirs.term === own.term && theirs.index >= own.index);
}

function follow(replica: Replica, leader: Replica): void {
  replica.leader = leader.data.raftId;
  replica.inSync = true;
}

export function append(leader: Replica, entry: Entry): void {
  leader.data.log.push(entry);
}
