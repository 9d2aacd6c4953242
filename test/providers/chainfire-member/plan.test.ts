import assert from "node:assert/strict";
import fc from "fast-check";
import type { Member, Membership } from "../../../drivers/raft/driver.js";
import { isFlintError } from "../../../foundation/errors.js";
import { type MemberWish, planJoin, planLeave } from "../../../providers/chainfire-member/plan.js";

const address = (id: string) => `10.0.200.${9 + Number(id.slice(-1))}:2380`;
const member = (id: string, differences: Partial<Member> = {}): Member => ({
  id,
  raft_addr: address(id),
  role: "follower",
  healthy: true,
  ...differences,
});
const cluster = (members: Member[], leader: string | undefined = "node01"): Membership => ({
  ...(leader === undefined ? {} : { leader }),
  members: members.map((each) => (each.id === leader ? { ...each, role: "leader" } : each)),
});
const THREE = ["node01", "node02", "node03"].map((id) => member(id));

const wish = (node = "node04", bootstrap = false): MemberWish => ({
  service: "chainfire",
  node,
  raftAddr: address(node),
  bootstrap,
});

describe("ChainfireMember: what is missing until a member votes", () => {
  const table: { title: string; wish: MemberWish; seen: Membership | undefined; step: string }[] = [
    { title: "nobody answers", wish: wish(), seen: undefined, step: "await-formation: no leader yet" },
    {
      title: "members, but no leader",
      wish: wish("node01", true),
      seen: { members: THREE },
      step: "await-formation: no leader yet",
    },
    {
      title: "a running cluster without it",
      wish: wish(),
      seen: cluster(THREE),
      step: "add: it joins the running cluster",
    },
    {
      title: "a bootstrap member that came too late",
      wish: wish("node03", true),
      seen: cluster(THREE.slice(0, 2)),
      step: "add: the cluster formed without it",
    },
    {
      title: "a learner",
      wish: wish(),
      seen: cluster([...THREE, member("node04", { role: "learner" })]),
      step: "await-vote: it is catching up as a learner",
    },
    {
      title: "a voter that is not healthy yet",
      wish: wish(),
      seen: cluster([...THREE, member("node04", { healthy: false })]),
      step: "await-vote: it votes, but is not healthy yet",
    },
    {
      title: "a voter of whose health nothing is said",
      wish: wish(),
      seen: cluster([...THREE, member("node04", { healthy: undefined })]),
      step: "nothing: it votes as follower",
    },
    { title: "the leader", wish: wish("node01", true), seen: cluster(THREE), step: "nothing: it votes as leader" },
  ];
  for (const { title, wish: want, seen, step } of table)
    it(`${title}: ${step}`, () => {
      const { do: what, reason } = planJoin(want, seen);
      assert.equal(`${what}: ${reason}`, step);
    });

  it("a member of the same name at another address is refused, also without a leader", () => {
    const other = member("node04", { raft_addr: "10.0.200.99:2380" });
    for (const seen of [cluster([...THREE, other]), { members: [...THREE, other] }])
      assert.throws(() => planJoin(wish(), seen), {
        name: "FlintError",
        message:
          "node04, chainfire: expected raft address 10.0.200.13:2380 but found 10.0.200.99:2380, as the cluster knows it. " +
          "Remove the old member node04 from the cluster, or declare its old address. [MEMBER_ADDRESS_CONFLICT]",
      });
  });
});

describe("ChainfireMember: how a member leaves", () => {
  const leave = (node: string, seen: Membership, transfer = true) => {
    const step = planLeave(wish(node), seen, { transfer });
    return `${step.do}${step.do === "transfer" ? ` to ${step.to}` : ""}: ${step.reason}`;
  };
  const down = (...ids: string[]) => THREE.map((each) => (ids.includes(each.id) ? { ...each, healthy: false } : each));

  it("one that is no member: nothing is done", () =>
    assert.equal(leave("node04", cluster(THREE)), "nothing: it is no member"));
  it("a follower is removed", () => assert.equal(leave("node03", cluster(THREE)), "remove: 2 of 2 others are healthy"));
  it("a leader hands over first, to a healthy voter", () =>
    assert.equal(
      leave("node01", cluster(down("node02").concat(member("node04")))),
      "transfer to node03: a leader hands over before it leaves",
    ));
  it("never to a learner", () => {
    const two = cluster([member("node01"), member("node02"), member("node04", { role: "learner" })]);
    assert.equal(leave("node01", two), "transfer to node02: a leader hands over before it leaves");
  });
  it("a leader whose service cannot hand over is removed as it is", () =>
    assert.equal(leave("node01", cluster(THREE), false), "remove: 2 of 2 others are healthy"));
  it("a dead one is removed by the others", () =>
    assert.equal(leave("node03", cluster(down("node03"))), "remove: 2 of 2 others are healthy"));
  it("a learner is removed whatever the others do", () => {
    const seen = cluster([...down("node02", "node03"), member("node04", { role: "learner" })]);
    assert.equal(leave("node04", seen), "remove: a learner has no vote");
  });
  it("the last voter stays: the cluster ends with it", () => {
    assert.equal(
      leave("node01", cluster([member("node01"), member("node04", { role: "learner" })])),
      "nothing: it is the last member: the cluster ends with it",
    );
  });

  const refused: { node: string; seen: Membership; expected: string; found: string }[] = [
    {
      node: "node03",
      seen: cluster(down("node02")),
      expected: "2 of 3 healthy voters to remove it, and 2 of 2 afterwards",
      found: "2 healthy now, 1 without it (node01)",
    },
    {
      node: "node01",
      seen: cluster(down("node01", "node02")),
      expected: "2 of 3 healthy voters to remove it, and 2 of 2 afterwards",
      found: "1 healthy now, 1 without it (node03)",
    },
    {
      node: "node02",
      seen: cluster([member("node01"), member("node02", { healthy: false })]),
      expected: "2 of 2 healthy voters to remove it, and 1 of 1 afterwards",
      found: "1 healthy now, 1 without it (node01)",
    },
    {
      node: "node01",
      seen: cluster([member("node01"), member("node02", { healthy: false })]),
      expected: "2 of 2 healthy voters to remove it, and 1 of 1 afterwards",
      found: "1 healthy now, 0 without it (none)",
    },
  ];
  for (const { node, seen, expected, found } of refused)
    it(`refused: ${found}`, () =>
      assert.throws(() => leave(node, seen), {
        name: "FlintError",
        message:
          `${node}, chainfire: expected ${expected} but found ${found}. ` +
          "Bring the other members back first, then run `pulumi up` again. Nothing was removed. [QUORUM_AT_RISK]",
      }));

  it("whatever the cluster: a removal can be decided by the old voters, and the new ones can decide afterwards", () => {
    const voters = fc.array(fc.boolean(), { minLength: 1, maxLength: 7 });
    const learners = fc.nat({ max: 2 });
    let removed = 0;
    fc.assert(
      fc.property(voters, learners, fc.nat(), fc.nat(), fc.boolean(), (alive, extra, who, lead, transfer) => {
        const model = new RaftModel(alive, extra, lead);
        const leaving = model.ids[who % model.ids.length] ?? "";
        let step: ReturnType<typeof planLeave>;
        try {
          step = planLeave({ service: "chainfire", node: leaving }, model.membership(), { transfer });
        } catch (error) {
          assert.ok(isFlintError(error, "QUORUM_AT_RISK"), String(error));
          // Nothing is refused that would have been safe.
          assert.ok(!model.canDecide() || !model.without(leaving).canDecide());
          return;
        }
        if (step.do === "transfer") {
          assert.notEqual(step.to, leaving);
          assert.ok(model.isHealthyVoter(step.to));
        }
        if (step.do === "remove" && model.votes(leaving)) {
          removed++;
          assert.ok(model.canDecide() && model.without(leaving).canDecide());
        }
        if (step.do === "nothing") assert.deepEqual(model.voters(), [leaving]);
      }),
      { numRuns: 5000 },
    );
    assert.ok(removed > 500, `only ${removed} removals: the property shows little`);
  });
});

/** Raft's rule of the majority, and nothing else. */
class RaftModel {
  readonly ids: string[];

  constructor(
    private readonly alive: boolean[],
    private readonly learners: number,
    private readonly lead: number,
    private readonly gone: ReadonlySet<string> = new Set(),
  ) {
    this.ids = [...alive.map((_, i) => `voter${i}`), ...Array.from({ length: learners }, (_, i) => `learner${i}`)];
  }

  without(id: string): RaftModel {
    return new RaftModel(this.alive, this.learners, this.lead, new Set([...this.gone, id]));
  }
  voters(): string[] {
    return this.ids.filter((id) => id.startsWith("voter") && !this.gone.has(id));
  }
  votes(id: string): boolean {
    return this.voters().includes(id);
  }
  isHealthyVoter(id: string): boolean {
    return this.votes(id) && this.alive[Number(id.slice("voter".length))] === true;
  }
  /** More than half of the voters are alive. */
  canDecide(): boolean {
    const voters = this.voters();
    return voters.filter((id) => this.isHealthyVoter(id)).length * 2 > voters.length;
  }
  membership(): Membership {
    const healthy = this.voters().filter((id) => this.isHealthyVoter(id));
    const leader = healthy[this.lead % Math.max(1, healthy.length)];
    return {
      ...(leader === undefined ? {} : { leader }),
      members: this.ids.map((id) => ({
        id,
        raft_addr: "10.0.200.10:2380",
        role: id === leader ? "leader" : id.startsWith("learner") ? "learner" : "follower",
        healthy: id.startsWith("learner") || this.isHealthyVoter(id),
      })),
    };
  }
}
