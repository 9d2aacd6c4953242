import type { Membership } from "../../drivers/raft/driver.js";
import { FlintError } from "../../foundation/errors.js";

/**
 * May this member be restarted now? Only if the other healthy voters are still a majority.
 * @throws FlintError `QUORUM_AT_RISK` with the arithmetic.
 */
export function refuseLosingQuorum(service: string, member: string, membership: Membership): void {
  const voters = membership.members.filter((each) => each.role !== "learner");
  if (!voters.some((each) => each.id === member)) return;
  const majority = Math.floor(voters.length / 2) + 1;
  const others = voters.filter((each) => each.id !== member && each.healthy !== false);
  if (voters.length === 1 || others.length >= majority) return;
  throw new FlintError("QUORUM_AT_RISK", {
    subject: `${member}, ${service}`,
    expected: `${majority} of ${voters.length} voters to stay healthy while it restarts`,
    found: `only ${others.length} without it (${others.map((each) => each.id).join(", ") || "none"})`,
    remedy: "Bring the other members back first, then run `pulumi up` again. Nothing was restarted.",
  });
}
