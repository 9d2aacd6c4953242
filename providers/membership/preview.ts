import { openRaft } from "../../drivers/raft/client.js";
import type { RaftEndpoints } from "../../drivers/raft/driver.js";
import { messageFrom } from "../../foundation/errors.js";
import { withDeadline } from "../../foundation/wait.js";
import { observe } from "./observe.js";
import { plan, planReplacement } from "./plan.js";
import { titleOf, votersOf } from "./quorum.js";
import type { Desired, Observed, Wish } from "./step.js";
import { tellPlan } from "./tell.js";

/** A preview waits this long for a leader's word, once for each service; and half of it to hear who answers at all. */
const LOOK_MS = 4_000;
/** An answer this old is asked for again: an `up` goes on for an hour. */
const FRESH_MS = 20_000;

/** What one engine run has announced of one raft group, so that changes of the same run are told together. */
interface Announced {
  seen: Promise<Observed | string>;
  at: number;
  join: Map<string, Wish>;
  leave: Set<string>;
}

export interface Replacement {
  text: string;
  /** It leads, and nobody else votes: the data is nowhere else. */
  lastVoter: boolean;
}

const groups = new Map<string, Announced>();

/**
 * What a member's joining does to the quorum, together with those that were announced before it. Reads only, takes at
 * most a few seconds, and never throws: a preview must not fail because a cluster does not answer.
 */
export async function previewJoin(endpoints: RaftEndpoints, wish: Wish): Promise<string | undefined> {
  const group = groupOf(endpoints);
  // Announced as replaced: its leaving and its joining were told in one.
  if (group.leave.has(wish.id)) return undefined;
  group.join.set(wish.id, wish);
  return tell(endpoints, group);
}

/** What the removal of members does to the quorum. As `previewJoin`. */
export async function previewLeave(endpoints: RaftEndpoints, ids: readonly string[]): Promise<string | undefined> {
  const group = groupOf(endpoints);
  for (const id of ids) group.leave.add(id);
  return tell(endpoints, group);
}

/** What putting another machine in a member's place does to the quorum; undefined when it is no member. */
export async function previewReplacement(endpoints: RaftEndpoints, id: string): Promise<Replacement | undefined> {
  const group = groupOf(endpoints);
  const seen = await group.seen;
  const title = titleOf(endpoints.service);
  if (typeof seen === "string") return { text: `${title}: ${seen}`, lastVoter: false };
  const { membership } = seen;
  const self = membership?.members.find((member) => member.id === id);
  if (membership?.leader !== undefined && self === undefined) return undefined;
  group.leave.add(id);
  const { cluster, service } = endpoints;
  const want: Desired = { cluster, service, join: [], leave: [id] };
  return {
    text: tellPlan(seen, want, planReplacement(seen, want, id)),
    lastVoter: membership?.leader === id && votersOf(membership).length === 1,
  };
}

async function tell(endpoints: RaftEndpoints, group: Announced): Promise<string> {
  const seen = await group.seen;
  if (typeof seen === "string") return `${titleOf(endpoints.service)}: ${seen}`;
  const { cluster, service } = endpoints;
  const want: Desired = { cluster, service, join: [...group.join.values()], leave: [...group.leave] };
  return tellPlan(seen, want, plan(seen, want));
}

function groupOf(endpoints: RaftEndpoints): Announced {
  const key = `${endpoints.cluster} ${endpoints.service}`;
  const known = groups.get(key);
  const now = performance.now();
  if (known !== undefined && now - known.at < FRESH_MS) return known;
  const group: Announced = {
    join: known?.join ?? new Map(),
    leave: known?.leave ?? new Set(),
    seen: look(endpoints),
    at: now,
  };
  groups.set(key, group);
  return group;
}

/** What was seen, or in words why nothing was. */
async function look(endpoints: RaftEndpoints): Promise<Observed | string> {
  const client = openRaft(endpoints);
  try {
    return await withDeadline(() => observe(client, Object.keys(endpoints.urls), LOOK_MS, LOOK_MS / 2), {
      reason: "an answer from a member",
      subject: endpoints.cluster,
      deadlineMs: 2 * LOOK_MS,
      remedy: "",
    });
  } catch (error) {
    return `nobody tells its members now. Nothing is known of its quorum. ${messageFrom(error)}`;
  } finally {
    await client.close();
  }
}

/** Forgets what was announced (tests). */
export function forgetAnnounced(): void {
  groups.clear();
}
