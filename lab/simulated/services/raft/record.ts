import type { Entry, RaftMember } from "./log.js";

/** A change of one member, at a time of the simulated clock. */
export interface MemberEvent {
  at: number;
  id: string;
  raftAddr: string;
  raftId: string;
}

/** A cluster that began. More than one: the earlier ones were lost, or given up. */
export interface Founding {
  at: number;
  generation: number;
  members: string[];
  /** Voters of the generation before whose data nobody has overwritten. */
  survivors: string[];
}

export interface Election {
  at: number;
  term: number;
  id: string;
  raftId: string;
}

/** What happened in a raft group, and whatever must never happen in one. */
export class GroupRecord {
  readonly adds: MemberEvent[] = [];
  readonly removes: MemberEvent[] = [];
  readonly promotions: MemberEvent[] = [];
  readonly foundings: Founding[] = [];
  readonly elections: Election[] = [];
  readonly violations: string[] = [];
  /** Everything that was ever committed, by generation. */
  private readonly committed = new Map<number, Entry[]>();
  private readonly votes = new Map<string, string>();

  constructor(private readonly tell: (event: { event: string; [key: string]: unknown }) => void) {}

  violate(what: string): void {
    if (this.violations.includes(what)) return;
    this.violations.push(what);
    this.tell({ event: "violation", what });
  }

  founded(founding: Founding): void {
    this.foundings.push(founding);
    this.tell({ event: "founded", ...founding });
  }

  voted(voter: RaftMember, term: number, candidate: string): void {
    const before = this.votes.get(`${voter.raftId} ${term}`) ?? candidate;
    if (before !== candidate) this.violate(`${voter.id} voted twice in term ${term}`);
    this.votes.set(`${voter.raftId} ${term}`, candidate);
  }

  /** @param log The new leader's. */
  elected(election: Election, generation: number, log: readonly Entry[]): void {
    const last = this.elections.at(-1);
    if (last !== undefined && election.term <= last.term)
      this.violate(`${election.id} leads in term ${election.term}, and ${last.id} led in term ${last.term} before`);
    const lacks = (this.committed.get(generation) ?? []).find((entry) => log[entry.index - 1] !== entry);
    if (lacks !== undefined) this.violate(`${election.id} leads without the committed entry ${lacks.index}`);
    this.elections.push(election);
    this.tell({ event: "elected", ...election });
  }

  /** @param holders Raft ids of reachable members that have the entry. */
  commit(at: number, generation: number, entry: Entry, holders: readonly string[], rule: readonly RaftMember[]): void {
    const all = this.committed.get(generation) ?? [];
    this.committed.set(generation, all);
    const there = all[entry.index - 1];
    if (there !== undefined) {
      if (there !== entry) this.violate(`two entries are committed at index ${entry.index}`);
      return;
    }
    const voters = rule.filter(({ voter }) => voter);
    if (voters.filter(({ raftId }) => holders.includes(raftId)).length * 2 <= voters.length)
      this.violate(`entry ${entry.index} is committed without a majority`);
    const before = all[entry.index - 2]?.members ?? entry.members;
    all[entry.index - 1] = entry;
    if (entry.members !== before) this.compare(at, before, entry.members);
  }

  isCommitted(generation: number, entry: Entry): boolean {
    return this.committed.get(generation)?.[entry.index - 1] === entry;
  }

  lastCommitted(generation: number): Entry | undefined {
    return this.committed.get(generation)?.at(-1);
  }

  private compare(at: number, before: readonly RaftMember[], after: readonly RaftMember[]): void {
    const changed = (list: MemberEvent[], event: string, { id, raftAddr, raftId }: RaftMember) => {
      list.push({ at, id, raftAddr, raftId });
      this.tell({ event, id, raftAddr, raftId });
    };
    const added = after.filter((member) => !before.some(({ raftId }) => raftId === member.raftId));
    const removed = before.filter((member) => !after.some(({ raftId }) => raftId === member.raftId));
    const promoted = after.filter(
      (member) => member.voter && before.some(({ raftId, voter }) => raftId === member.raftId && !voter),
    );
    for (const member of added) changed(this.adds, "member-added", member);
    for (const member of removed) changed(this.removes, "member-removed", member);
    for (const member of promoted) changed(this.promotions, "member-promoted", member);
    if (added.length + removed.length + promoted.length > 1) this.violate("two changes of members in one entry");
    const twice = after.find(({ id }, at) => after.findIndex((each) => each.id === id) !== at);
    if (twice !== undefined) this.violate(`${twice.id} is a member twice`);
    if (!after.some(({ voter }) => voter)) this.violate("the last voter was removed");
  }
}
