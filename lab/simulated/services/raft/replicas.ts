import { majorityOf, type RaftMember, votersAmong } from "./log.js";
import type { Replica } from "./replica.js";

/** The running processes of a raft group, and who reaches whom. */
export class Replicas {
  private readonly running = new Set<Replica>();

  add(replica: Replica): void {
    this.running.add(replica);
  }

  delete(replica: Replica): void {
    this.running.delete(replica);
  }

  [Symbol.iterator](): IterableIterator<Replica> {
    return this.running.values();
  }

  find(raftId: string | undefined): Replica | undefined {
    if (raftId === undefined) return undefined;
    for (const each of this.running) if (each.data.raftId === raftId && each.takesPart) return each;
    return undefined;
  }

  reaches(from: Replica, to: Replica): boolean {
    return from.up && to.up && (from === to || (from.linked && to.linked));
  }

  /** The member, if it is reached from there, and has data of the same cluster. */
  peer(from: Replica, raftId: string): Replica | undefined {
    const found = this.find(raftId);
    if (found === undefined || found.data.generation !== from.data.generation) return undefined;
    return this.reaches(from, found) ? found : undefined;
  }

  /** The leader that it follows, if that one leads and is reached; itself if it leads. */
  leaderOf(replica: Replica): Replica | undefined {
    if (replica.leader === undefined) return undefined;
    const leader = this.peer(replica, replica.leader);
    return leader?.leads === true && leader.data.term >= replica.data.term ? leader : undefined;
  }

  reachedVoters(from: Replica): Replica[] {
    return votersAmong(from.members).flatMap(({ raftId }) => this.peer(from, raftId) ?? []);
  }

  hasMajority(from: Replica): boolean {
    return this.reachedVoters(from).length >= majorityOf(votersAmong(from.members).length);
  }

  /** Since when a member is connected with another, without a break; undefined: it is not. */
  connectedSince(from: Replica, { raftId }: RaftMember): number | undefined {
    const peer = this.peer(from, raftId);
    return peer === undefined ? undefined : Math.max(peer.since, from.since);
  }
}
