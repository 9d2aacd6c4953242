import type { Clock } from "../../clock.js";
import { append, campaign } from "./election.js";
import type { Founder } from "./founder.js";
import { committedMembers, discardData, type RaftMember } from "./log.js";
import { refusalToPromote } from "./member-rules.js";
import type { GroupRecord } from "./record.js";
import type { Replica } from "./replica.js";
import type { Replicas } from "./replicas.js";
import { advanceCommit, copyLog, hasNoPendingMembers, isSettled, tellCommit } from "./replication.js";
import { partOf } from "./start.js";
import { askOthers } from "./view.js";

export interface BehaviourOptions {
  clock: Clock;
  record: GroupRecord;
  replicas: Replicas;
  founder: Founder;
  /** A follower that hears no leader waits so long, up to twice, before it asks for votes. Simulated milliseconds. */
  electionMs: number;
  /** Everything has happened that follows from a change. */
  onSettled: () => void;
}

/** Simulated milliseconds, from and to. */
const DECISION_MS = [100, 500] as const;
const CATCH_UP_MS = [50, 400] as const;
const LEARNER_CATCH_UP_MS = [300, 2_000] as const;
const PROMOTION_MS = [300, 2_000] as const;

/** What the processes of a raft group do by themselves: lead, copy, catch up, elect, promote, find their part, expel. */
export class Behaviour {
  private readonly clock: Clock;
  private readonly record: GroupRecord;
  private readonly replicas: Replicas;
  private readonly founder: Founder;
  private readonly electionMs: number;
  private readonly onSettled: () => void;
  private settling = false;
  private unsettled = false;

  constructor({ clock, record, replicas, founder, electionMs, onSettled }: BehaviourOptions) {
    this.clock = clock;
    this.record = record;
    this.replicas = replicas;
    this.founder = founder;
    this.electionMs = electionMs;
    this.onSettled = onSettled;
  }

  /** Does everything that follows from the last change. */
  settle(): void {
    this.unsettled = true;
    if (this.settling) return;
    this.settling = true;
    while (this.unsettled) {
      this.unsettled = false;
      for (const each of this.replicas) if (each.leads && this.isOutdated(each)) each.leads = false;
      for (const each of this.replicas) if (each.leads) this.lead(each);
      for (const each of this.replicas) this.setAlarms(each);
    }
    this.settling = false;
    this.onSettled();
  }

  private isOutdated(leader: Replica): boolean {
    for (const { raftId } of leader.members) {
      const peer = this.replicas.peer(leader, raftId);
      if (peer !== undefined && peer.data.term > leader.data.term) return true;
    }
    return false;
  }

  private lead(leader: Replica): void {
    leader.leader = leader.data.raftId;
    leader.inSync = true;
    const followers: Replica[] = [];
    for (const { raftId, voter } of leader.members) {
      const peer = this.replicas.peer(leader, raftId);
      if (peer === undefined || peer === leader) continue;
      if (peer.inSync && peer.leader === leader.data.raftId) followers.push(peer);
      else {
        const [least, most] = voter ? CATCH_UP_MS : LEARNER_CATCH_UP_MS;
        peer.catchUp.set(peer.random.between(least, most), () => this.catchUp(peer));
      }
    }
    this.replicate(leader, followers);
    if (!isSettled(leader) || !hasNoPendingMembers(leader)) return;
    const here = [leader, ...followers];
    const fresh = leader.members.find(
      ({ raftId, started }) => !started && here.some(({ data }) => data.raftId === raftId),
    );
    if (fresh !== undefined) {
      this.enterMembers(
        leader,
        leader.members.map((each) => (each === fresh ? { ...each, started: true } : each)),
      );
      return;
    }
    if (this.learnerOf(leader) !== undefined)
      leader.promotion.set(leader.random.between(...PROMOTION_MS), () => this.promote(leader));
  }

  private replicate(leader: Replica, followers: readonly Replica[]): void {
    for (const follower of followers) copyLog(leader, follower, this.record);
    const before = leader.data.commit;
    advanceCommit(leader, followers, this.record, this.clock.now());
    tellCommit(leader, followers);
    if (leader.data.commit > before) this.unsettled = true;
  }

  private enterMembers(leader: Replica, members: RaftMember[]): void {
    append(leader, { index: leader.data.log.length + 1, term: leader.data.term, change: { kind: "members" }, members });
    this.settle();
  }

  /** A learner that has what the leader has. */
  private learnerOf(leader: Replica): RaftMember | undefined {
    return leader.members.find(
      ({ raftId, voter, started }) => !voter && started && this.replicas.peer(leader, raftId)?.inSync === true,
    );
  }

  private promote(leader: Replica): void {
    const learner = leader.leads && isSettled(leader) && hasNoPendingMembers(leader) && this.learnerOf(leader);
    if (!learner || !this.replicas.hasMajority(leader)) return;
    if (refusalToPromote(leader.members, learner) !== undefined) return;
    this.enterMembers(
      leader,
      leader.members.map((each) => (each === learner ? { ...each, voter: true } : each)),
    );
  }

  private catchUp(replica: Replica): void {
    for (const leader of this.replicas) {
      if (!leader.leads || !replica.takesPart || replica.leads) continue;
      const listed = leader.members.some(({ raftId }) => raftId === replica.data.raftId);
      if (!listed || this.replicas.peer(leader, replica.data.raftId ?? "") !== replica) continue;
      if (leader.data.term < replica.data.term) continue;
      replica.leader = leader.data.raftId;
      replica.inSync = true;
    }
    this.settle();
  }

  private setAlarms(replica: Replica): void {
    const { random } = replica;
    if (replica.data.raftId === undefined || replica.state === "starting") {
      replica.decision.set(random.between(...DECISION_MS), () => this.decide(replica));
      return;
    }
    const quiet = replica.leads
      ? this.replicas.hasMajority(replica)
      : replica.self?.voter !== true || this.replicas.leaderOf(replica) !== undefined;
    if (quiet) replica.election.clear();
    else {
      const wait = random.between(this.electionMs, 2 * this.electionMs);
      replica.election.set(wait, () => this.electionTimeout(replica));
    }
    if (this.isRemoved(replica)) replica.decision.set(random.between(...CATCH_UP_MS), () => this.expel(replica));
  }

  private electionTimeout(replica: Replica): void {
    if (replica.leads ? this.replicas.hasMajority(replica) : this.replicas.leaderOf(replica) !== undefined) return;
    const knewLeader = replica.leader !== undefined;
    replica.leads = false;
    replica.leader = undefined;
    const elected = campaign(replica, this.replicas, { record: this.record, now: this.clock.now() });
    if (elected || knewLeader) this.settle();
  }

  /** A settled leader of the same cluster does not know it. */
  private isRemoved(replica: Replica): boolean {
    for (const leader of this.replicas) {
      if (!isSettled(leader) || !replica.takesPart || leader.data.generation !== replica.data.generation) continue;
      if (!this.replicas.reaches(leader, replica)) continue;
      const known = [...leader.members, ...committedMembers(leader.data)];
      if (!known.some(({ raftId }) => raftId === replica.data.raftId)) return true;
    }
    return false;
  }

  private expel(replica: Replica): void {
    if (!this.isRemoved(replica)) return;
    discardData(replica.data);
    replica.data.removed = true;
    replica.forget();
    replica.state = "removed";
    this.settle();
  }

  /** How it takes part; asked again after each change while it has no data. */
  private decide(replica: Replica): void {
    const { data, identity } = replica;
    const view = data.raftId === undefined ? askOthers(replica, this.replicas) : undefined;
    const node = { ...identity, hasData: data.raftId !== undefined, removed: data.removed };
    const before = `${replica.state} ${replica.dataLost}`;
    const row = view?.members.find(({ id }) => id === identity.id);
    let part = partOf(node, view);
    if (part === "join" && !this.founder.join(replica, row?.raft_id ?? "")) part = "wait";
    replica.dataLost = part === "data lost";
    replica.state = "running";
    if (part === "wait" || part === "data lost") replica.state = data.removed ? "removed" : "waiting";
    const founded = part === "found" && this.founder.tryToFound(replica, this.clock.now());
    if (founded || part === "join" || before !== `${replica.state} ${replica.dataLost}`) this.settle();
  }
}
