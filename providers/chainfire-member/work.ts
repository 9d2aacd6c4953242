import type { Run } from "../runtime/lifecycle.js";
import { LOOK_MS, withClient } from "./access.js";
import type { MemberInputs, MemberOutputs } from "./schema.js";

export { converge } from "./join.js";
export { remove } from "./leave.js";

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
