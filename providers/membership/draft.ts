import type { Member, Membership } from "../../drivers/raft/driver.js";
import type { FlintError } from "../../foundation/errors.js";
import { isHealthy, majorityOf, votersOf } from "./quorum.js";
import { atRisk, quorumLost } from "./refusals.js";
import type { Desired, Moment, Step, Wish } from "./step.js";

/** A membership while a plan is made of it: each step is checked against the voters that the earlier ones leave. */
export class Draft {
  readonly steps: Step[] = [];
  readonly moments: Moment[] = [];
  /** Set once: what is refused is refused as a whole. */
  refused: FlintError | undefined;
  readonly commitIndex: number | undefined;
  private members: Member[];
  private leader: string | undefined;

  constructor(
    membership: Membership,
    private readonly want: Desired,
  ) {
    this.members = [...membership.members];
    this.leader = membership.leader;
    this.commitIndex = membership.commit_index;
    this.note();
  }

  get learners(): Member[] {
    return this.members.filter((member) => member.role === "learner");
  }

  member(id: string): Member | undefined {
    return this.members.find((member) => member.id === id);
  }

  leads(id: string): boolean {
    return this.leader === id;
  }

  add({ id, raftAddr }: Wish, reason: string): void {
    const { voters, healthy } = this.now();
    if (healthy.length < majorityOf(voters.length)) {
      this.refused ??= quorumLost(this.want, voters, healthy);
      return;
    }
    this.steps.push({ do: "add", id, raftAddr, reason });
    this.members.push({ id, raft_addr: raftAddr, role: "learner", healthy: true });
  }

  /** A learner gets its vote. */
  vote(id: string, reason: string): void {
    if (this.refused !== undefined) return;
    this.steps.push({ do: "await-vote", id, reason });
    this.members = this.members.map((member) =>
      member.id === id ? { ...member, role: "follower", healthy: true } : member,
    );
    this.note();
  }

  /** A leader hands over before it goes; the last voter does not go: with it the cluster ends. */
  leave(id: string, why?: string): void {
    const self = this.member(id);
    if (self === undefined || this.refused !== undefined) return;
    if (self.role === "learner") {
      this.remove(id, why ?? "a learner has no vote");
      return;
    }
    const { voters, healthy } = this.now();
    const others = voters.filter((each) => each !== id);
    const healthyOthers = healthy.filter((each) => each !== id);
    if (others.length === 0) return;
    if (healthy.length < majorityOf(voters.length) || healthyOthers.length < majorityOf(others.length)) {
      this.refused ??= atRisk(this.want, id, { voters: voters.length, healthyNow: healthy.length, healthyOthers });
      return;
    }
    const heir = this.heirOf(id);
    if (this.leads(id) && this.want.transfer !== false && heir !== undefined) {
      this.steps.push({ do: "transfer", to: heir, reason: "a leader hands over before it leaves" });
    }
    if (this.leads(id)) this.leader = heir;
    this.remove(id, why ?? `${healthyOthers.length} of ${others.length} others are healthy`);
  }

  private remove(id: string, reason: string): void {
    this.steps.push({ do: "remove", id, reason });
    this.members = this.members.filter((member) => member.id !== id);
    this.note();
  }

  /** Someone who stays rather than someone who goes next; among those, the longest log. */
  private heirOf(id: string): string | undefined {
    const fit = this.members.filter((each) => each.id !== id && each.role !== "learner" && isHealthy(each));
    const rank = (each: Member) => (this.want.leave.includes(each.id) ? -1 : (each.match_index ?? 0));
    return fit.sort((a, b) => rank(b) - rank(a) || (a.id < b.id ? -1 : 1))[0]?.id;
  }

  private now(): Moment {
    const voters = votersOf({ members: this.members });
    return { voters: voters.map(({ id }) => id), healthy: voters.filter(isHealthy).map(({ id }) => id) };
  }

  private note(): void {
    const now = this.now();
    const before = this.moments.at(-1);
    if (before?.voters.join() !== now.voters.join()) this.moments.push(now);
  }
}
