import { inPhase, type Phase } from "../phases.js";
import type { Run } from "../runtime/lifecycle.js";
import { LOOK_MS, withClient } from "./access.js";
import { join } from "./join.js";
import { leave } from "./leave.js";
import type { MemberInputs, MemberOutputs } from "./schema.js";

export const converge = (want: MemberInputs, run: Run<MemberOutputs>): Promise<MemberOutputs> =>
  join(want, run).catch(async (error: unknown) => {
    if (run.signal.aborted) throw error;
    throw inPhase(want.node, await phaseOf(want, run), error);
  });

/** What was done to the member, as it turned out: asked only after it has failed. */
async function phaseOf(want: MemberInputs, { operation, before }: Run<MemberOutputs>): Promise<Phase> {
  if (operation === "update" && hasVoted(before)) return "check of its membership";
  if (!want.bootstrap) return "joining the cluster";
  // One of those that formed the cluster, and was installed anew since.
  const membership = await withClient(want, (client) => client.members(LOOK_MS)).catch(() => undefined);
  const isLeftOut = membership?.leader !== undefined && !membership.members.some(({ id }) => id === want.node);
  return isLeftOut ? "joining the cluster" : "forming the cluster";
}

/** One that has voted once is in the cluster: an update looks whether it is as it should be, and mends what is not. */
function hasVoted(before: Partial<MemberOutputs> = {}): boolean {
  return before.voter === true || (before.joinSeconds ?? 0) > 0;
}

export const remove = (want: MemberInputs, run: Run<MemberOutputs>): Promise<void> =>
  leave(want, run).catch((error: unknown) => {
    throw inPhase(want.node, "leaving the cluster", error);
  });

export function unbegun(
  error: unknown,
  { node, bootstrap }: MemberInputs,
  { operation, before }: Pick<Run<MemberOutputs>, "operation" | "before">,
): unknown {
  if (operation === "delete") return inPhase(node, "leaving the cluster", error);
  if (operation === "update" && hasVoted(before)) return inPhase(node, "check of its membership", error);
  return inPhase(node, bootstrap ? "forming the cluster" : "joining the cluster", error);
}

export async function read(want: MemberInputs, run: Run<MemberOutputs>): Promise<MemberOutputs | undefined> {
  return withClient(want, async (client) => {
    const membership = await client.members(LOOK_MS);
    const before = { voter: false, joinSeconds: 0, ...run.before };
    if (membership?.leader === undefined) {
      run.warn(`${want.node}, ${want.service}: no member answers. The state is kept.`);
      return before;
    }
    const self = membership.members.find((member) => member.id === want.node);
    return self === undefined ? undefined : { ...before, voter: self.role !== "learner" };
  });
}
