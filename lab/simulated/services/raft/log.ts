/** A member as the log has it. */
export interface RaftMember {
  /** Another one each time that a node joins. */
  raftId: string;
  /** The node's name. */
  id: string;
  raftAddr: string;
  /** Learners do not vote. */
  voter: boolean;
  /** It took part once: it must not come back under this raft id without its data. */
  started: boolean;
}

export type Change =
  /** A leader's first entry, and changes of members. */
  { kind: "members" } | { kind: "put"; key: string; value: Buffer } | { kind: "delete"; key: string };

/** An entry is one object, however many logs hold it: two entries are the same entry if they are the same object. */
export interface Entry {
  readonly index: number;
  readonly term: number;
  readonly change: Change;
  /** Everyone who is a member from this entry on. */
  readonly members: readonly RaftMember[];
}

/** What a raft service keeps on its node's disk. */
export interface RaftData {
  /** Undefined while there is no data. */
  raftId: string | undefined;
  /** Which cluster it is data of: 1 for the first that was founded. */
  generation: number;
  term: number;
  /** Raft id that got this member's vote in `term`. */
  votedFor: string | undefined;
  /** The entry of index n is at n - 1. */
  log: Entry[];
  commit: number;
  applied: number;
  values: Map<string, Buffer>;
  /** The cluster removed this node, and has not added it since. */
  removed: boolean;
}

export function newRaftData(): RaftData {
  return { removed: false, ...noData() };
}

/** The data is gone; what else is noted stays. */
export function discardData(data: RaftData): void {
  Object.assign(data, noData());
}

function noData(): Omit<RaftData, "removed"> {
  return {
    raftId: undefined,
    generation: 0,
    term: 0,
    votedFor: undefined,
    log: [],
    commit: 0,
    applied: 0,
    values: new Map(),
  };
}

/** Members by the last entry, committed or not. */
export function latestMembers(data: RaftData): readonly RaftMember[] {
  return data.log.at(-1)?.members ?? [];
}

export function committedMembers(data: RaftData): readonly RaftMember[] {
  return data.log[data.commit - 1]?.members ?? [];
}

export function votersAmong(members: readonly RaftMember[]): RaftMember[] {
  return members.filter(({ voter }) => voter);
}

export function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}

/** What is committed takes effect. */
export function applyCommitted(data: RaftData): void {
  for (; data.applied < data.commit; data.applied++) {
    const change = data.log[data.applied]?.change;
    if (change?.kind === "put") data.values.set(change.key, change.value);
    if (change?.kind === "delete") data.values.delete(change.key);
  }
}
