import type { MemberInputs } from "./schema.js";

/**
 * What to do where a raft service is not healthy in time. Of the members that form the cluster none is before most of them run:
 * where this one has found no leader, the others may be to blame.
 */
export function serviceRemedy(
  { service, node, bootstrap, endpoints }: Pick<MemberInputs, "service" | "node" | "bootstrap" | "endpoints">,
  hasLeader: boolean,
): string {
  const journal = `\`journalctl -u ${service} -u ${service}-cluster-join\` on ${node}`;
  const founders = Object.keys(endpoints).sort();
  if (hasLeader || !bootstrap || founders.length === 1) return `See ${journal}.`;
  const most = Math.floor(founders.length / 2) + 1;
  return `A leader takes ${most} of ${founders.join(", ")}: look first why the others do not run; if they do, see ${journal}.`;
}
