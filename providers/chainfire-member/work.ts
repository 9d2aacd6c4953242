import { inPhase, type Phase } from "../phases.js";
import type { Run } from "../runtime/lifecycle.js";
import { LOOK_MS, withClient } from "./access.js";
import { join } from "./join.js";
import { leave } from "./leave.js";
import type { MemberInputs, MemberOutputs } from "./schema.js";

export const converge = (want: MemberInputs, run: Run<MemberOutputs>): Promise<MemberOutputs> =>
  join(want, run).catch((error: unknown) => {
    throw inPhase(want.node, phaseOf(want, run), error);
  });

/** A member that has voted once is in the cluster: an update looks whether it is as it should be, and mends what is not. */
function phaseOf({ bootstrap }: MemberInputs, { operation, before }: Run<MemberOutputs>): Phase {
  const hasVoted = before?.voter === true || (before?.joinSeconds ?? 0) > 0;
  if (operation === "update" && hasVoted) return "check of its membership";
  return bootstrap ? "forming the cluster" : "joining the cluster";
}

export const remove = (want: MemberInputs, run: Run<MemberOutputs>): Promise<void> =>
  leave(want, run).catch((error: unknown) => {
    throw inPhase(want.node, "leaving the cluster", error);
  });

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
