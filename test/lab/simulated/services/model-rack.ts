import { Random } from "../../../../lab/simulated/random.js";
import type { Answer } from "../../../../lab/simulated/services/answer.js";
import { answerRaft } from "../../../../lab/simulated/services/raft/api.js";
import { addMember, removeMember, transferLeadership } from "../../../../lab/simulated/services/raft/changes.js";
import { RaftGroup } from "../../../../lab/simulated/services/raft/group.js";
import { newRaftData, type RaftData } from "../../../../lab/simulated/services/raft/log.js";
import type { Replica } from "../../../../lab/simulated/services/raft/replica.js";
import { type MembershipView, viewOf } from "../../../../lab/simulated/services/raft/view.js";
import { ManualClock } from "./manual-clock.js";

const peer = (n: number) => ({
  id: `node0${n}`,
  raftAddr: `10.0.200.${n}:2380`,
  apiUrl: `https://node0${n}.test.example.com:2379`,
});

/** One raft group on five nodes with numbers, of which the first three are its initial members. No network, no real time. */
export class ModelRack {
  readonly clock = new ManualClock();
  readonly group: RaftGroup;
  /** How long answers are waited for; what was asked goes on all the same. */
  patience = 30_000;
  private readonly disks = new Map<number, RaftData>();
  private readonly running = new Map<number, Replica>();

  constructor(seed: string) {
    this.group = new RaftGroup({ service: "chainfire", clock: this.clock, random: new Random(seed) });
  }

  static async formed(seed = "rack"): Promise<ModelRack> {
    const rack = new ModelRack(seed);
    rack.start(1, 2, 3);
    await rack.clock.pass(10_000);
    return rack;
  }

  disk(n: number): RaftData {
    const disk = this.disks.get(n) ?? newRaftData();
    this.disks.set(n, disk);
    return disk;
  }

  start(...nodes: number[]): void {
    for (const n of nodes) {
      if (this.running.has(n)) continue;
      const { id, raftAddr } = peer(n);
      const self = { id, raftAddr, cluster: "test", service: "chainfire" as const, apiPort: 2379, bootstrap: n <= 3 };
      this.running.set(n, this.group.start({ ...self, initial: [1, 2, 3].map(peer) }, this.disk(n)));
    }
  }

  stop(...nodes: number[]): void {
    for (const n of nodes) {
      const replica = this.running.get(n);
      if (replica !== undefined) this.group.stop(replica);
      this.running.delete(n);
    }
  }

  /** The node is off afterwards, with a blank disk. */
  wipe(n: number): void {
    this.stop(n);
    this.disks.delete(n);
  }

  at(n: number): Replica {
    const replica = this.running.get(n);
    if (replica === undefined) throw new Error(`node0${n} is off`);
    return replica;
  }

  isOn(n: number): boolean {
    return this.running.has(n);
  }

  link(n: number, linked: boolean): void {
    const replica = this.running.get(n);
    if (replica !== undefined) this.group.link(replica, linked);
  }

  /** The one that leads in the latest term. */
  get leader(): Replica | undefined {
    const leading = [...this.group.replicas].filter(({ leads }) => leads);
    return leading.sort((a, b) => b.data.term - a.data.term)[0];
  }

  view(): MembershipView | undefined {
    return this.leader && viewOf(this.leader, this.group.replicas);
  }

  /** `{ node01: "leader", … }` as the leader tells. */
  roles(): Record<string, string> {
    return Object.fromEntries(this.view()?.members.map(({ id, role }) => [id, role]) ?? []);
  }

  /** The answer of a change at the leader, after some time. */
  async add(n: number): Promise<Answer | undefined> {
    return this.inTime(this.leader && addMember(this.group, this.leader, peer(n).id, peer(n).raftAddr));
  }

  async remove(n: number): Promise<Answer | undefined> {
    return this.inTime(this.leader && removeMember(this.group, this.leader, peer(n).id));
  }

  async transfer(n: number): Promise<Answer | undefined> {
    return this.inTime(this.leader && transferLeadership(this.group, this.leader, peer(n).id));
  }

  async put(n: number, key: string): Promise<string | undefined> {
    return this.inTime(this.group.propose(this.at(n), { kind: "put", key, value: Buffer.from(key) }));
  }

  async read(n: number, key: string): Promise<string> {
    const found = await this.inTime(this.group.read(this.at(n), key));
    if (found === undefined) return "no answer";
    return "refused" in found ? found.refused : (found.value?.toString() ?? "nothing");
  }

  /** A request of the operator to that node's API. */
  async ask(n: number, method: string, rawPath: string, body = ""): Promise<Answer | undefined> {
    const caller = { name: "flint-operator", allowed: true };
    const path = decodeURIComponent(rawPath);
    const question = { method, path, rawPath, query: new URLSearchParams(), body: Buffer.from(body), caller };
    return this.inTime(answerRaft(this.group, this.at(n), question));
  }

  private async inTime<T>(work: Promise<T> | undefined): Promise<T | undefined> {
    let answer: T | undefined;
    let over = false;
    void work?.then((value) => {
      answer = value;
      over = true;
    });
    for (let waited = 0; work !== undefined && !over && waited < this.patience; waited += 100)
      await this.clock.pass(100);
    return answer;
  }
}
