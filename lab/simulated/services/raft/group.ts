import type { Clock } from "../../clock.js";
import type { Random } from "../../random.js";
import { Behaviour } from "./behaviour.js";
import { Conditions } from "./conditions.js";
import { append, campaign } from "./election.js";
import { Founder } from "./founder.js";
import type { RaftIdentity, RaftService } from "./identity.js";
import { type Change, committedMembers, type Entry, type RaftData, type RaftMember } from "./log.js";
import { GroupRecord } from "./record.js";
import { Replica } from "./replica.js";
import { Replicas } from "./replicas.js";
import { hasNoPendingMembers, isSettled } from "./replication.js";

export interface RaftGroupOptions {
  service: RaftService;
  clock: Clock;
  random: Random;
  /** A follower that hears no leader waits so long, up to twice, before it asks for votes. Simulated milliseconds. */
  electionMs?: number;
  onEvent?: (event: { event: string; [key: string]: unknown }) => void;
}

/** Simulated milliseconds. */
const LEADER_PATIENCE_MS = 5_000;
const COMMIT_PATIENCE_MS = 7_000;
const READ_PATIENCE_MS = 6_000;

/**
 * A raft group as a model: each node's process has a log, a term and a vote of its own, and messages between two that reach
 * each other take no time. Everything happens when something changes; while nothing does, there is no timer.
 */
export class RaftGroup {
  readonly record: GroupRecord;
  readonly replicas = new Replicas();
  readonly service: RaftService;
  readonly clock: Clock;
  private readonly random: Random;
  private readonly founder: Founder;
  private readonly conditions: Conditions;
  private readonly behaviour: Behaviour;

  constructor({ service, clock, random, electionMs = 2_000, onEvent }: RaftGroupOptions) {
    this.service = service;
    this.clock = clock;
    this.random = random;
    this.record = new GroupRecord((event) => onEvent?.({ ...event, service }));
    this.founder = new Founder(service, this.replicas, this.record);
    const conditions = new Conditions(clock);
    this.conditions = conditions;
    const { record, replicas, founder } = this;
    this.behaviour = new Behaviour({
      ...{ clock, record, replicas, founder, electionMs },
      onSettled: () => conditions.lookAgain(),
    });
  }

  get violations(): readonly string[] {
    return this.record.violations;
  }

  /** Others that run count on whoever has this data: it is a member, as far as they know for certain. */
  countsOn({ raftId, generation }: RaftData): boolean {
    return [...this.replicas].some(
      ({ data }) =>
        data.generation === generation &&
        data.raftId !== raftId &&
        committedMembers(data).some((member) => member.raftId === raftId),
    );
  }

  /** A node's process starts, with what its disk has. */
  start(identity: RaftIdentity, data: RaftData): Replica {
    const replica = new Replica(identity, data, this.random.fork(identity.id), this.clock);
    replica.up = true;
    replica.since = this.clock.now();
    this.founder.noteDisk(replica);
    this.replicas.add(replica);
    this.settle();
    return replica;
  }

  /** The process is gone at once. */
  stop(replica: Replica): void {
    if (!replica.up) return;
    replica.up = false;
    replica.forget();
    this.replicas.delete(replica);
    this.settle();
  }

  /** Cuts a node's link to the others, or mends it. */
  link(replica: Replica, linked: boolean): void {
    if (replica.linked === linked) return;
    replica.linked = linked;
    replica.since = this.clock.now();
    replica.inSync = false;
    this.settle();
  }

  /** The raft id of a member that joins now. */
  newRaftId(raftAddr: string): string {
    return this.founder.newRaftId(raftAddr);
  }

  /** Does everything that follows from the last change, and looks for whoever waits for it. */
  settle(): void {
    this.behaviour.settle();
  }

  /** What `look` finds, now or after a later change; undefined when the time is over. */
  until<T>(look: () => T | undefined, milliseconds: number, signal?: AbortSignal): Promise<T | undefined> {
    return this.conditions.until(look, milliseconds, signal);
  }

  /** Writes through this member. @returns why it was not done, or not known to be done; undefined when it is committed. */
  async propose(replica: Replica, change: Change): Promise<string | undefined> {
    return this.enter(
      replica,
      (leader) => ({ change, members: leader.members }),
      () => true,
    );
  }

  /** One change of members, when the one before it is committed. @param next The members after it; undefined: none needed. */
  async changeMembers(
    replica: Replica,
    next: (members: readonly RaftMember[]) => RaftMember[] | undefined,
  ): Promise<string | undefined> {
    const entryOf = (leader: Replica) => {
      const members = next(leader.members);
      return members && { change: { kind: "members" } as const, members };
    };
    return this.enter(replica, entryOf, (leader) => isSettled(leader) && hasNoPendingMembers(leader));
  }

  /** Linearisable: what it answers was true after it was asked. */
  async read(replica: Replica, key: string): Promise<{ value: Buffer | undefined } | { refused: string }> {
    if (replica.leader === undefined) return { refused: "etcdserver: no leader" };
    const readable = await this.until(() => this.isReadable(replica) || undefined, READ_PATIENCE_MS);
    return readable === true ? { value: replica.data.values.get(key) } : { refused: "etcdserver: request timed out" };
  }

  /** Gives leadership to a member that is up to date. @returns why not, or undefined. */
  async handOver(leader: Replica, to: string): Promise<string | undefined> {
    await this.clock.sleep(leader.random.between(20, 200));
    const heir = await this.until(() => {
      const found = this.replicas.peer(leader, to);
      return found?.inSync === true && this.replicas.leaderOf(found) === leader ? found : undefined;
    }, LEADER_PATIENCE_MS);
    const options = { record: this.record, now: this.clock.now(), handedOver: true };
    if (heir === undefined || !leader.leads || !campaign(heir, this.replicas, options))
      return "etcdserver: request timed out, leader transfer took too long";
    this.settle();
    return undefined;
  }

  private async enter(
    replica: Replica,
    entryOf: (leader: Replica) => Pick<Entry, "change" | "members"> | undefined,
    isReady: (leader: Replica) => boolean,
  ): Promise<string | undefined> {
    if (replica.leader === undefined) return "etcdserver: no leader";
    const ends = this.clock.now() + LEADER_PATIENCE_MS;
    const ready = () => {
      const found = this.replicas.leaderOf(replica);
      return found !== undefined && isReady(found) ? found : undefined;
    };
    // Whoever waited, too, may have been quicker.
    while ((await this.until(ready, ends - this.clock.now())) !== undefined && ready() === undefined);
    const leader = ready();
    if (leader === undefined || !replica.up) return "etcdserver: request timed out";
    const content = entryOf(leader);
    if (content === undefined) return undefined;
    const { log, term, generation } = leader.data;
    const entry: Entry = { index: log.length + 1, term, ...content };
    append(leader, entry);
    this.settle();
    const done = await this.until(() => this.record.isCommitted(generation, entry) || undefined, COMMIT_PATIENCE_MS);
    return done === true ? undefined : "etcdserver: request timed out";
  }

  private isReadable(replica: Replica): boolean {
    const leader = this.replicas.leaderOf(replica);
    if (leader === undefined || !isSettled(leader) || !this.replicas.hasMajority(leader)) return false;
    return replica === leader || (replica.inSync && replica.data.commit >= leader.data.commit);
  }
}
