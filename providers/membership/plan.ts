import type { Condition, Member } from "../../drivers/raft/driver.js";
import type { FlintError } from "../../foundation/errors.js";
import { Draft } from "./draft.js";
import { isHealthy, listed, majorityOf, votersOf } from "./quorum.js";
import { addressConflict, duplicate, quorumLost } from "./refusals.js";
import type { Desired, Group, Observed, Plan, Wish } from "./step.js";

/** A member this many log entries behind the leader has caught up: what is missing arrives with the next message or two. */
export const CAUGHT_UP_WITHIN = 1_000;

/**
 * The way from what was seen to what is wanted, as far as it can be seen from here: one change at a time, additions
 * before the removal of healthy voters, dead ones first of all. Pure: no clock, no I/O.
 *
 * No step leaves the voters without a healthy majority, neither of those who decide on it nor of those who remain; where
 * that cannot be had, all is refused, with the arithmetic, before anything is done.
 */
export function plan(seen: Observed, want: Desired): Plan {
  if (want.dissolve) {
    return {
      steps: [{ do: "dissolve", reason: "all members go: each ends with its machine, and no quorum is needed" }],
      moments: [],
    };
  }
  const { membership } = seen;
  const conflict = conflictOf(membership?.members ?? [], want);
  if (conflict !== undefined) return { refused: conflict };
  if (membership?.leader === undefined) return leaderless(seen, want);
  const draft = new Draft(membership, want);
  for (const id of leaversInOrder(draft, want, "first")) draft.leave(id);
  for (const wish of want.join) joinOne(draft, wish, seen);
  for (const id of leaversInOrder(draft, want, "last")) draft.leave(id);
  return draft.refused === undefined ? { steps: draft.steps, moments: draft.moments } : { refused: draft.refused };
}

/**
 * What it takes to put another machine in a member's place: the old identity goes, the new one joins. Told before
 * anything is done; what is done is a leave and a join.
 */
export function planReplacement(seen: Observed, { cluster, service }: Group, id: string): Plan {
  const going = plan(seen, { cluster, service, join: [], leave: [id] });
  const raftAddr = seen.membership?.members.find((member) => member.id === id)?.raft_addr;
  const before = "moments" in going ? going.moments[0] : undefined;
  if ("refused" in going || raftAddr === undefined || before === undefined) return going;
  return {
    steps: [
      ...going.steps,
      { do: "add", id, raftAddr, reason: "the new machine joins" },
      { do: "await-vote", id, reason: "it votes once it has caught up" },
    ],
    moments: [...going.moments, { ...before, healthy: [...new Set([...before.healthy, id])] }],
  };
}

function conflictOf(members: readonly Member[], want: Desired): FlintError | undefined {
  for (const id of [...want.join.map((wish) => wish.id), ...want.leave]) {
    const rows = members.filter((member) => member.id === id);
    if (rows.length > 1) return duplicate(want, id, rows, want.join.find((wish) => wish.id === id)?.raftAddr);
  }
  for (const wish of want.join) {
    const other = members.find(
      ({ id, raft_addr }) =>
        (id === wish.id) !== (raft_addr === wish.raftAddr) && !(id !== wish.id && want.leave.includes(id)),
    );
    if (other !== undefined) return addressConflict(want, wish, other);
  }
  return undefined;
}

/** Who takes part in elections, as far as its own service tells. */
const TAKES_PART: readonly Condition[] = ["healthy", "no-leader", "unhealthy"];
/** Who is no voter by its own word. */
const NO_VOTER: readonly Condition[] = ["removed", "waiting"];

/** Nobody leads: nothing can be decided. Waiting is right while a cluster forms or elects; it is no plan for a lost quorum. */
function leaderless({ membership, services }: Observed, want: Desired): Plan {
  const told = (id: string) => services[id] ?? "silent";
  const known =
    membership === undefined
      ? Object.keys(services).filter((id) => !NO_VOTER.includes(told(id)))
      : votersOf(membership).map((member) => member.id);
  const answering = known.filter((id) => TAKES_PART.includes(told(id)));
  const few = answering.length < majorityOf(known.length);
  const leaving = want.leave.filter((id) => told(id) !== "removed");
  if (leaving.length + want.join.length === 0) return { steps: [], moments: [] };
  if (leaving.length > 0 && few) return { refused: quorumLost(want, known, answering) };
  const who =
    few && answering.length > 0 ? `: ${answering.length} of ${known.length} members answer (${listed(answering)})` : "";
  return { steps: [{ do: "await-leader", reason: `no leader yet${who}` }], moments: [] };
}

/** Learners, the dead, and whoever has an address that another one needs go before anyone joins. */
function leaversInOrder(draft: Draft, want: Desired, when: "first" | "last"): string[] {
  const early = (id: string) => {
    const member = draft.member(id);
    return (
      member !== undefined &&
      (member.role === "learner" ||
        !isHealthy(member) ||
        want.join.some((wish) => wish.id !== id && wish.raftAddr === member.raft_addr))
    );
  };
  const present = want.leave.filter((id) => draft.member(id) !== undefined && early(id) === (when === "first"));
  // The leader last: whoever is removed before it costs no election.
  return present.sort((a, b) => Number(draft.leads(a)) - Number(draft.leads(b)));
}

function joinOne(draft: Draft, wish: Wish, seen: Observed): void {
  const service = seen.services[wish.id];
  const there = draft.member(wish.id);
  if (there !== undefined && service === "data-lost" && !isHealthy(there)) {
    draft.leave(wish.id, "its data is gone: it cannot come back under its old identity");
    if (draft.member(wish.id) !== undefined) return;
  } else if (there !== undefined) {
    const reason = missingOf(there, draft.commitIndex);
    if (reason !== undefined && there.role === "learner") draft.vote(wish.id, reason);
    else if (reason !== undefined) draft.steps.push({ do: "await-vote", id: wish.id, reason });
    return;
  }
  if (service === "silent")
    draft.steps.push({ do: "await-service", id: wish.id, reason: "its service does not answer" });
  const learner = draft.learners.find((each) => each.id !== wish.id);
  if (learner !== undefined)
    draft.vote(learner.id, `one change at a time: ${learner.id} is still a learner, and ${wish.id} comes after it`);
  draft.add(wish, reasonToAdd(wish, there !== undefined, service));
  draft.vote(wish.id, "it votes once it has caught up");
}

function reasonToAdd(wish: Wish, replaced: boolean, service: Condition | undefined): string {
  if (replaced) return "it joins anew";
  if (service === "removed") return "the cluster removed it";
  return wish.bootstrap ? "the cluster formed without it" : "it joins the running cluster";
}

/** What a listed member lacks; undefined when it votes and has caught up. */
function missingOf(member: Member, commitIndex: number | undefined): string | undefined {
  const behind =
    member.match_index === undefined || commitIndex === undefined ? undefined : commitIndex - member.match_index;
  const entries = behind === undefined ? "" : `, ${Math.max(0, behind)} entries behind`;
  if (member.role === "learner") return `it is catching up as a learner${entries}`;
  if (!isHealthy(member)) return "it votes, but is not healthy yet";
  if (behind !== undefined && behind > CAUGHT_UP_WITHIN) return `it votes, but is ${behind} entries behind`;
  return undefined;
}
