import { createHash } from "node:crypto";
import type { RaftService } from "./identity.js";
import { type Entry, majorityOf, type RaftData, votersAmong } from "./log.js";
import type { GroupRecord } from "./record.js";
import type { Replica } from "./replica.js";
import type { Replicas } from "./replicas.js";

/** How a node gets its first data: with others that have none, it founds a cluster; or it joins one. */
export class Founder {
  private generation = 0;
  private given = 0;
  /** Raft id → where its data was last seen. */
  private readonly disks = new Map<string, { raftAddr: string; data: RaftData }>();

  constructor(
    private readonly service: RaftService,
    private readonly replicas: Replicas,
    private readonly record: GroupRecord,
  ) {}

  newRaftId(raftAddr: string): string {
    const seed = `${this.service} ${this.generation} ${raftAddr} ${++this.given}`;
    return createHash("sha256").update(seed).digest("hex").slice(0, 16);
  }

  /** Another disk at a member's place: what was on the one before is not seen again. */
  noteDisk({ identity: { raftAddr }, data }: Replica): void {
    for (const [raftId, disk] of this.disks)
      if (disk.raftAddr === raftAddr && disk.data !== data) this.disks.delete(raftId);
    if (data.raftId !== undefined) this.disks.set(data.raftId, { raftAddr, data });
  }

  /**
   * It begins as the member that was added for it, without data. Whoever told of that may be behind: what is committed counts.
   * @returns whether it does.
   */
  join(replica: Replica, raftId: string): boolean {
    const members = this.record.lastCommitted(this.generation)?.members ?? [];
    if (!members.some((member) => member.raftId === raftId && !member.started)) return false;
    Object.assign(replica.data, { raftId, generation: this.generation, removed: false });
    this.noteDisk(replica);
    return true;
  }

  /** A majority of the initial members, none of which has data, begin a cluster. @returns whether they did. */
  tryToFound(replica: Replica, now: number): boolean {
    const { initial } = replica.identity;
    const list = JSON.stringify(initial);
    const founders = [...this.replicas].filter(
      (each) => each.founding && this.replicas.reaches(replica, each) && JSON.stringify(each.identity.initial) === list,
    );
    if (founders.length < majorityOf(initial.length)) return false;
    const ids = founders.map(({ id }) => id).sort();
    const others = [...this.replicas].filter((each) => each.takesPart);
    if (others.length > 0) {
      const there = others.map(({ id }) => id).sort();
      this.record.violate(
        `${ids.join(", ")} would found a second cluster while ${there.join(", ")} have data of the first`,
      );
      return false;
    }
    const survivors = this.survivors();
    this.generation++;
    const term = (this.record.elections.at(-1)?.term ?? 0) + 1;
    const members = initial.map(({ id, raftAddr }) => ({
      raftId: this.newRaftId(raftAddr),
      id,
      raftAddr,
      voter: true,
      started: false,
    }));
    const entry: Entry = { index: 1, term, change: { kind: "members" }, members };
    for (const each of founders) {
      const raftId = members.find(({ raftAddr }) => raftAddr === each.identity.raftAddr)?.raftId;
      Object.assign(each.data, { raftId, generation: this.generation, term, log: [entry], commit: 1 });
      this.noteDisk(each);
    }
    const holders = founders.flatMap(({ data }) => data.raftId ?? []);
    this.record.commit(now, this.generation, entry, holders, members);
    this.record.founded({ at: now, generation: this.generation, members: ids, survivors });
    return true;
  }

  private survivors(): string[] {
    const before = this.record.lastCommitted(this.generation)?.members ?? [];
    return votersAmong(before).flatMap(({ raftId, id }) =>
      this.disks.get(raftId)?.data.raftId === raftId ? [id] : [],
    );
  }
}
