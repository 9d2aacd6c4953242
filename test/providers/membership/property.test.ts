import assert from "node:assert/strict";
import fc from "fast-check";
import { plan } from "../../../providers/membership/plan.js";
import { mayFail } from "../../../providers/membership/quorum.js";
import type { Desired, Plan, Step } from "../../../providers/membership/step.js";
import { FAULTS, type Fault, type Machine, RaftModel } from "./raft-model.js";

interface Case {
  machines: (Machine & { wish: "join" | "leave" | "stay" })[];
  faults: { at: number; fault: Fault; who: number }[];
  /** What chance decides: a change that was refused for the moment, a vote that takes its time. */
  luck: boolean[];
  withMembers: boolean;
}

/** More than any plan takes, whatever chance decides. */
const LOOKS = 200;

const cases: fc.Arbitrary<Case> = fc.record({
  machines: fc.array(
    fc.record({
      role: fc.constantFrom("voter" as const, "voter" as const, "learner" as const, "none" as const),
      alive: fc.constantFrom(true, true, true, false),
      lost: fc.constantFrom(false, false, false, false, true),
      wish: fc.constantFrom("join" as const, "leave" as const, "stay" as const, "stay" as const),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  faults: fc.oneof(
    fc.constant<Case["faults"]>([]),
    fc.array(fc.record({ at: fc.nat({ max: 12 }), fault: fc.constantFrom(...FAULTS), who: fc.nat({ max: 7 }) }), {
      maxLength: 4,
    }),
  ),
  luck: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  withMembers: fc.boolean(),
});

/** What was reached, so that the property is seen to show something. */
const reached = { wish: 0, refused: 0, waiting: 0, changes: 0, replacements: 0, cases: 0 };

function live({ machines, faults, luck, withMembers }: Case): void {
  const onlyOneLearner = machines.findIndex(({ role }) => role === "learner");
  const model = new RaftModel(
    machines.map(({ role, alive, lost }, i) => ({
      role: role === "learner" && i !== onlyOneLearner ? "none" : role,
      alive,
      lost,
    })),
  );
  if (model.voters().length === 0) return;
  reached.cases++;
  const wished = (kind: string) => model.ids.filter((_, i) => machines[i]?.wish === kind);
  const join = wished("join").map((id) => ({ id, raftAddr: `${id}:2380` }));
  const want: Desired = { cluster: "dev", service: "chainfire", join, leave: wished("leave") };
  const asked = wished("join");
  const first = plan(model.observe(asked, withMembers), want);
  const made: Step[] = [];
  let waited = 0;
  for (let look = 0; look < LOOKS; look++) {
    for (const { fault, who } of faults.filter(({ at }) => at === look))
      model.suffer(fault, model.ids[who % model.ids.length] ?? "node01");
    const planned = plan(model.observe(asked, withMembers), want);
    const over = faults.every(({ at }) => at <= look);
    if (over && waited > 2 * luck.length) break;
    if ("refused" in planned) {
      if (!over) continue;
      reached.refused++;
      justified(planned, want, model);
      assert.ok(faults.length > 0 || made.length === 0, "refused after it was begun, though nothing happened");
      return;
    }
    const [step] = planned.steps;
    if (step === undefined) {
      if (!over) continue;
      reached.wish++;
      atTheWish(want, model);
      if (faults.length === 0) asPlanned(first, made);
      return;
    }
    assert.notEqual(step.reason, "");
    const lucky = luck[look % luck.length] ?? true;
    if (step.do === "await-vote" && lucky) model.promote(step.id);
    waited = over && (step.do.startsWith("await") || !luck.includes(true)) ? waited + 1 : 0;
    if (step.do.startsWith("await") || !lucky) continue;
    model.apply(step);
    made.push(step);
    reached.changes++;
    if (step.do === "remove" && asked.includes(step.id)) reached.replacements++;
  }
  reached.waiting++;
  blocked(plan(model.observe(asked, withMembers), want), model, luck);
}

function atTheWish({ join, leave }: Desired, model: RaftModel): void {
  for (const { id } of join) assert.ok(model.isHealthy(id), `${id} does not vote`);
  for (const id of leave) {
    if (model.isMember(id)) assert.deepEqual(model.voters(), [id], `${id} is still a member`);
  }
}

/** A refusal names its reason, and for a single wish nothing is refused that would have been safe. */
function justified(planned: Plan, want: Desired, model: RaftModel): void {
  assert.ok("refused" in planned);
  const { code, message, remedy, subject } = planned.refused;
  assert.ok(message !== "" && remedy !== "");
  if (code === "QUORUM_LOST") assert.ok(!model.canDecide(), message);
  else assert.equal(code, "QUORUM_AT_RISK", message);
  const [only] = want.leave;
  if (code === "QUORUM_AT_RISK" && want.leave.length === 1 && want.join.length === 0 && only !== undefined) {
    assert.ok(subject.startsWith(only));
    assert.ok(!model.canSpare(only), message);
  }
}

/** Whatever is still waited for at the end can indeed not come by itself. */
function blocked(planned: Plan, model: RaftModel, luck: readonly boolean[]): void {
  assert.ok("steps" in planned);
  const [step] = planned.steps;
  assert.ok(step !== undefined);
  if (step.do === "await-leader") {
    assert.ok(!model.canDecide());
    return;
  }
  if (!luck.includes(true)) return;
  assert.ok(step.do === "await-vote" || step.do === "await-service", `${step.do} was never done`);
  assert.ok(!model.at(step.id).alive || model.at(step.id).lost, `${step.id} could vote`);
}

/** Without faults, what was done is what was told beforehand. */
function asPlanned(first: Plan, made: readonly Step[]): void {
  assert.ok("steps" in first);
  const changes = first.steps.filter(({ do: what }) => !what.startsWith("await"));
  assert.deepEqual(
    made.map(({ reason: _, ...step }) => step),
    changes.map(({ reason: _, ...step }) => step),
  );
  for (const { voters, healthy } of first.moments) assert.ok(mayFail(voters.length, healthy.length) >= 0);
}

describe("membership: random clusters, faults and wishes against a model of raft", function () {
  this.timeout(120_000);

  it("30000 cases: no step loses a healthy majority or is done twice; each ends at the wish, or says why not", () => {
    fc.assert(fc.property(cases, live), { numRuns: 30_000 });
    for (const [what, count] of Object.entries(reached))
      assert.ok(count > 500, `only ${count} × ${what}: the property shows little`);
  });
});
