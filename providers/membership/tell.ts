import type { Membership } from "../../drivers/raft/driver.js";
import { isHealthy, listed, majorityOf, mayFail, titleOf, votersOf } from "./quorum.js";
import type { Desired, Moment, Observed, Plan } from "./step.js";

/**
 * What a change of members will do to the quorum, for a preview. Pure.
 *
 * "Chainfire: 3 voters (node01 leads, node02, node03), all healthy. node04 joins: it learns first, then votes. Quorum 2
 * of 3 before and during, 3 of 4 after; at the worst moment 1 may fail."
 */
export function tellPlan(seen: Observed, want: Desired, planned: Plan): string {
  const title = titleOf(want.service);
  if (want.dissolve)
    return `${title}: the cluster ends with its machines. No member is removed, and no quorum is needed.`;
  const { membership } = seen;
  if (membership?.leader === undefined) return `${title}: ${tellSilence(seen)}${refusalOf(planned)}`;
  const now = tellVoters(membership);
  if ("refused" in planned) return `${title}: ${now}.${refusalOf(planned)}`;
  const doing = tellSteps(planned, want);
  if (doing === "") return `${title}: ${now}. Nothing to change.`;
  return `${title}: ${now}. ${doing}. ${tellQuorum(planned.moments)}.`;
}

/** "3 voters (node01 leads, node02, node03), node03 not healthy; learning: node04". */
export function tellVoters(membership: Membership): string {
  const voters = votersOf(membership);
  const learners = membership.members.filter((member) => member.role === "learner").map(({ id }) => id);
  const names = voters.map(({ id }) => (id === membership.leader ? `${id} leads` : id));
  const ill = voters.filter((voter) => !isHealthy(voter)).map(({ id }) => id);
  const health = ill.length > 0 ? `${listed(ill)} not healthy` : voters.length === 1 ? "healthy" : "all healthy";
  const learning = learners.length === 0 ? "" : `; learning: ${listed(learners)}`;
  return `${count(voters.length)} (${listed(names)}), ${health}${learning}`;
}

/** "Quorum 2 of 3 before, 2 of 2 during, 2 of 3 after; at the worst moment no voter may fail". */
export function tellQuorum(moments: readonly Moment[]): string {
  const sizes = moments.map(({ voters }) => `${majorityOf(voters.length)} of ${voters.length}`);
  const first = sizes[0] ?? "0 of 0";
  const last = sizes.at(-1) ?? first;
  const between = sizes.slice(1, -1);
  const during = between.length === 0 ? " before and during" : ` before, ${between.join(" and ")} during`;
  const quorum = sizes.length < 2 ? `Quorum ${first} throughout` : `Quorum ${first}${during}, ${last} after`;
  const worst = Math.min(...moments.map(({ voters, healthy }) => mayFail(voters.length, healthy.length)));
  return `${quorum}; at the worst moment ${worst < 0 ? "there is none" : worst === 0 ? "no voter may fail" : `${worst} may fail`}`;
}

function tellSteps(planned: Extract<Plan, { steps: unknown }>, want: Desired): string {
  const { steps } = planned;
  const added = steps.flatMap((step) => (step.do === "add" ? [step.id] : []));
  const removed = steps.flatMap((step) => (step.do === "remove" ? [step.id] : []));
  const heirs = steps.flatMap((step) => (step.do === "transfer" ? [step.to] : []));
  const replaced = added.filter((id) => removed.includes(id));
  const joining = added.filter((id) => !replaced.includes(id));
  const leaving = removed.filter((id) => !replaced.includes(id));
  const waiting = want.join
    .map(({ id }) => id)
    .filter((id) => !added.includes(id) && steps.some((step) => "id" in step && step.id === id));
  const told = [
    saying(replaced, "is replaced", "are replaced", ": the old identity goes, the new one joins"),
    saying(joining, "joins: it learns", "join one after another: each learns", " first, then votes"),
    saying(waiting, "is a member and catches up", "are members and catch up"),
    saying(leaving, "leaves", "leave one after another"),
  ].filter((text) => text !== "");
  const handing =
    heirs.length === 0 ? "" : `${leaving.length === 0 ? ";" : ","} leadership goes to ${and(heirs)} first`;
  return told.length === 0 ? "" : `${told.join("; ")}${handing}`;
}

function saying(ids: readonly string[], one: string, several: string, rest = ""): string {
  return ids.length === 0 ? "" : `${and(ids)} ${ids.length === 1 ? one : several}${rest}`;
}

function tellSilence({ membership, services }: Observed): string {
  const told = Object.entries(services).map(
    ([id, condition]) => `${id}: ${condition === "silent" ? "no answer" : condition}`,
  );
  const who = told.length === 0 ? "" : ` (${told.join(", ")})`;
  if (membership !== undefined) return `${count(votersOf(membership).length)}, and no leader now${who}.`;
  return `nobody tells its members now${who}. Nothing is known of its quorum.`;
}

function refusalOf(planned: Plan): string {
  return "refused" in planned ? ` This will be refused: ${planned.refused.message}` : "";
}

const count = (voters: number) => `${voters} ${voters === 1 ? "voter" : "voters"}`;

function and(ids: readonly string[]): string {
  return ids.length < 2 ? ids.join("") : `${ids.slice(0, -1).join(", ")} and ${ids.at(-1)}`;
}
