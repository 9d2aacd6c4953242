import assert from "node:assert/strict";
import type { Condition } from "../../../drivers/raft/driver.js";
import type { Observed, Step } from "../../../providers/membership/step.js";

/** A machine of the model, and what it is to the cluster. */
export interface Machine {
  role: "voter" | "learner" | "none";
  alive: boolean;
  /** Its data is gone; listed or not, it cannot vote. */
  lost: boolean;
}

export const FAULTS = ["dies", "comes back", "loses its data", "is removed by someone else"] as const;
export type Fault = (typeof FAULTS)[number];

/** Raft's rules of membership, and nothing else: majorities, one change at a time, no vote without data. */
export class RaftModel {
  readonly ids: string[];
  private leader: string | undefined;
  private readonly removedOnce = new Set<string>();
  /** Changes that were made and that nothing undid since. */
  private readonly done = new Set<string>();

  constructor(private readonly machines: Machine[]) {
    this.ids = machines.map((_, i) => `node0${i + 1}`);
    this.elect();
  }

  at(id: string): Machine {
    const machine = this.machines[this.ids.indexOf(id)];
    assert.ok(machine, id);
    return machine;
  }
  voters(): string[] {
    return this.ids.filter((id) => this.at(id).role === "voter");
  }
  isMember(id: string): boolean {
    return this.at(id).role !== "none";
  }
  /** It votes, and would answer. */
  isHealthy(id: string): boolean {
    const { role, alive, lost } = this.at(id);
    return role === "voter" && alive && !lost;
  }
  canDecide(): boolean {
    const voters = this.voters();
    return voters.filter((id) => this.isHealthy(id)).length * 2 > voters.length;
  }
  /** Whether the voters without `id` could decide, and those with it can decide that. */
  canSpare(id: string): boolean {
    const others = this.voters().filter((each) => each !== id);
    return this.canDecide() && others.filter((each) => this.isHealthy(each)).length * 2 > others.length;
  }

  observe(asked: readonly string[], withMembers: boolean): Observed {
    const services = Object.fromEntries(
      this.ids.filter((id) => !this.canDecide() || asked.includes(id)).map((id) => [id, this.condition(id)]),
    );
    if (!this.canDecide() && !withMembers) return { services };
    const members = this.ids
      .filter((id) => this.isMember(id))
      .map((id) => {
        const { role, alive, lost } = this.at(id);
        const shown = id === this.leader ? ("leader" as const) : role === "voter" ? "follower" : "learner";
        return {
          id,
          raft_addr: `${id}:2380`,
          role: shown as "leader" | "follower" | "learner",
          healthy: alive && !lost,
        };
      });
    return { services, membership: { ...(this.leader === undefined ? {} : { leader: this.leader }), members } };
  }

  private condition(id: string): Condition {
    const { alive, lost } = this.at(id);
    if (!alive) return "silent";
    if (!this.isMember(id)) return this.removedOnce.has(id) && !lost ? "removed" : "waiting";
    if (lost) return "data-lost";
    return this.canDecide() ? "healthy" : "no-leader";
  }

  /** Makes a change, and holds it against the rules. */
  apply(step: Step): void {
    if (step.do !== "add" && step.do !== "remove" && step.do !== "transfer") return;
    assert.ok(this.canDecide(), `${step.do} without a healthy majority`);
    if (step.do === "transfer") {
      assert.ok(this.isHealthy(step.to), `leadership to ${step.to}, which cannot lead`);
      assert.notEqual(step.to, this.leader);
      this.leader = step.to;
      return;
    }
    const key = `${step.do} ${step.id}`;
    assert.equal(this.done.has(key), false, `${key} was done before`);
    this.done.add(key);
    if (step.do === "add") {
      assert.equal(this.isMember(step.id), false, `${step.id} is a member already`);
      assert.equal(
        this.ids.some((id) => this.at(id).role === "learner"),
        false,
        "two learners at a time",
      );
      Object.assign(this.at(step.id), { role: "learner", lost: false });
    } else {
      assert.ok(this.isMember(step.id), `${step.id} is no member`);
      assert.notDeepEqual(this.voters(), [step.id], "the last voter was removed");
      this.drop(step.id);
    }
    this.elect();
    assert.ok(this.canDecide(), `${key} lost the healthy majority`);
  }

  /** The leader gives a vote to a learner that is there. */
  promote(id: string): void {
    const machine = this.at(id);
    if (machine.role !== "learner" || !machine.alive || machine.lost || !this.canDecide()) return;
    machine.role = "voter";
    assert.ok(this.canDecide(), `the vote of ${id} lost the healthy majority`);
  }

  /** What nobody planned. Others remove only what may be removed: it is their plan that is not tested here. */
  suffer(fault: Fault, id: string): void {
    const machine = this.at(id);
    if (fault === "dies") machine.alive = false;
    if (fault === "comes back") machine.alive = true;
    if (fault === "loses its data" && machine.role !== "none") machine.lost = true;
    if (fault === "is removed by someone else" && this.isMember(id) && this.canSpare(id) && this.voters().length > 1)
      this.drop(id);
    this.done.delete(`add ${id}`);
    this.done.delete(`remove ${id}`);
    this.elect();
  }

  private drop(id: string): void {
    this.at(id).role = "none";
    this.removedOnce.add(id);
  }

  private elect(): void {
    if (this.leader !== undefined && this.isHealthy(this.leader) && this.canDecide()) return;
    this.leader = this.canDecide() ? this.voters().find((id) => this.isHealthy(id)) : undefined;
  }
}
