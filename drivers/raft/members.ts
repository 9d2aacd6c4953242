import { isFlintError } from "../../foundation/errors.js";
import type { RaftCalls } from "./calls.js";
import type { Membership } from "./driver.js";
import { unexpectedAnswer } from "./errors.js";
import type { Call } from "./http.js";
import { membership } from "./schema.js";

const PATH = "/admin/cluster/members";
/** How long the leader's own answer may take after another member's. */
const LEADER_GRACE_MS = 300;

interface Seen {
  id: string;
  membership: Membership;
}

/**
 * Asks every member at once and takes the leader's answer; without it, the one of the highest term that names a leader.
 * @throws FlintError `RAFT_CERTIFICATE` or `RAFT_AUTH` when nobody answers and that is why.
 */
export async function askMembers(calls: RaftCalls, deadlineMs: number): Promise<Membership | undefined> {
  const seen: Seen[] = [];
  const failures: unknown[] = [];
  const ids = Object.keys(calls.endpoints.urls);
  const answers = ids.map((id) =>
    askOne(calls, id, deadlineMs).then(
      (answer) => void (answer !== undefined && seen.push({ id, membership: answer })),
      (error: unknown) => void failures.push(error),
    ),
  );
  await enough(answers, seen);
  const best = [...seen].sort((a, b) => rank(b) - rank(a))[0];
  if (best !== undefined) {
    calls.noteLeader(best.membership.leader);
    return best.membership;
  }
  const final = failures.find((error) => isFlintError(error, "RAFT_CERTIFICATE") || isFlintError(error, "RAFT_AUTH"));
  if (final !== undefined) throw final;
  return undefined;
}

async function askOne(calls: RaftCalls, id: string, deadlineMs: number): Promise<Membership | undefined> {
  const call: Call = { method: "GET", what: "the members" };
  const answer = await calls.safely((left) => calls.patiently(id, PATH, call, left), deadlineMs);
  if (answer.status !== 200) return undefined;
  const parsed = membership.safeParse(answer.body);
  if (parsed.success) return parsed.data;
  throw unexpectedAnswer(calls.endpoints, call.what, parsed.error.issues[0]?.message ?? "something else");
}

/** Resolves when the leader itself has answered, a moment after someone has named one, or when all have ended. */
function enough(answers: Promise<void>[], seen: readonly Seen[]): Promise<void> {
  return new Promise((resolve) => {
    let grace: NodeJS.Timeout | undefined;
    const look = () => {
      if (seen.some(({ id, membership }) => membership.leader === id)) return done();
      if (seen.some(({ membership }) => membership.leader !== undefined)) grace ??= setTimeout(done, LEADER_GRACE_MS);
    };
    const done = () => {
      clearTimeout(grace);
      resolve();
    };
    for (const answer of answers) void answer.then(look);
    void Promise.all(answers).then(done);
  });
}

/** The leader's own word first, then a word about a leader; among equals, the later term. */
function rank({ id, membership }: Seen): number {
  const kind = membership.leader === id ? 2 : membership.leader !== undefined ? 1 : 0;
  return kind * 1e15 + Math.min(membership.term ?? 0, 1e14);
}
