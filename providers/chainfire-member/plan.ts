import type { Member, Membership } from "../../drivers/raft/driver.js";
import { FlintError } from "../../foundation/errors.js";

export interface MemberWish {
  service: string;
  node: string;
  raftAddr: string;
  bootstrap: boolean;
}

/** What is missing until the member votes. */
export type JoinStep =
  | { do: "await-formation"; reason: string }
  | { do: "add"; reason: string }
  | { do: "await-vote"; reason: string }
  | { do: "nothing"; reason: string };

/**
 * The next thing to do for a member to vote, from what the cluster says. Pure.
 * @throws FlintError `MEMBER_ADDRESS_CONFLICT` when the cluster knows the member under another address.
 */
export function planJoin(wish: MemberWish, membership: Membership | undefined): JoinStep {
  const formed = membership?.leader !== undefined;
  const self = membership?.members.find((member) => member.id === wish.node);
  if (self !== undefined && self.raft_addr !== wish.raftAddr) throw addressConflict(wish, self);
  if (!formed) return { do: "await-formation", reason: "no leader yet" };
  if (self === undefined) {
    return { do: "add", reason: wish.bootstrap ? "the cluster formed without it" : "it joins the running cluster" };
  }
  if (self.role === "learner") return { do: "await-vote", reason: "it is catching up as a learner" };
  if (self.healthy === false) return { do: "await-vote", reason: "it votes, but is not healthy yet" };
  return { do: "nothing", reason: `it votes as ${self.role}` };
}

function addressConflict(wish: MemberWish, self: Member): FlintError {
  return new FlintError("MEMBER_ADDRESS_CONFLICT", {
    subject: `${wish.node}, ${wish.service}`,
    expected: `raft address ${wish.raftAddr}`,
    found: `${self.raft_addr}, as the cluster knows it`,
    remedy: `Remove the old member ${wish.node} from the cluster, or declare its old address.`,
  });
}

export type LeaveStep =
  | { do: "nothing"; reason: string }
  | { do: "transfer"; to: string; reason: string }
  | { do: "remove"; reason: string };

/**
 * The next thing to do for a member to leave. A leader hands over first; the last member does not leave: with it the
 * cluster ends. Pure.
 * @throws FlintError `QUORUM_AT_RISK` with the arithmetic, when the others could not decide any more.
 */
export function planLeave(
  wish: Pick<MemberWish, "service" | "node">,
  membership: Membership,
  options: { transfer: boolean },
): LeaveStep {
  const self = membership.members.find((member) => member.id === wish.node);
  if (self === undefined) return { do: "nothing", reason: "it is no member" };
  if (self.role === "learner") return { do: "remove", reason: "a learner has no vote" };
  const voters = membership.members.filter((member) => member.role !== "learner");
  const others = voters.filter((member) => member.id !== wish.node);
  if (others.length === 0) return { do: "nothing", reason: "it is the last member: the cluster ends with it" };
  const healthy = others.filter((member) => member.healthy !== false);
  const selfHealthy = self.healthy === false ? 0 : 1;
  const oldMajority = Math.floor(voters.length / 2) + 1;
  const newMajority = Math.floor(others.length / 2) + 1;
  if (healthy.length + selfHealthy < oldMajority || healthy.length < newMajority) {
    throw new FlintError("QUORUM_AT_RISK", {
      subject: `${wish.node}, ${wish.service}`,
      expected: `${oldMajority} of ${voters.length} healthy voters to remove it, and ${newMajority} of ${others.length} afterwards`,
      found: `${healthy.length + selfHealthy} healthy now, ${healthy.length} without it (${healthy.map((each) => each.id).join(", ") || "none"})`,
      remedy: "Bring the other members back first, then run `pulumi up` again. Nothing was removed.",
    });
  }
  const heir = healthy[0];
  if (options.transfer && membership.leader === wish.node && heir !== undefined) {
    return { do: "transfer", to: heir.id, reason: "a leader hands over before it leaves" };
  }
  return { do: "remove", reason: `${healthy.length} of ${others.length} others are healthy` };
}
