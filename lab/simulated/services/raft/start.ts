import type { MembershipView } from "./view.js";

/**
 * How a process takes part, by what its disk has and what the others say:
 * - `restart`: it has data
 * - `found`: nobody has a cluster yet
 * - `join`: it is listed, and never took part
 * - `wait`: somebody must add it
 * - `data lost`: it is listed as one that took part, and its data is gone
 */
export type Part = "restart" | "found" | "join" | "wait" | "data lost";

/** @param view Undefined when no member with a leader answered. Pure. */
export function partOf(
  node: { hasData: boolean; bootstrap: boolean; removed: boolean; id: string; raftAddr: string },
  view: MembershipView | undefined,
): Part {
  if (node.hasData) return "restart";
  if (view === undefined) return node.bootstrap && !node.removed ? "found" : "wait";
  const self = view.members.find(({ id }) => id === node.id);
  if (self === undefined || self.raft_addr !== node.raftAddr) return "wait";
  // Under its old identity without its old log it could vote twice in one term.
  return self.started ? "data lost" : "join";
}
