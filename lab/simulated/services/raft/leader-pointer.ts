import { type Answer, problem } from "../answer.js";
import type { RaftGroup } from "./group.js";
import type { Replica } from "./replica.js";
import { askOthers, viewOf } from "./view.js";

/** Tells who leads: 421 for the administration, 307 with the same path for keys. */
export function leaderPointer(group: RaftGroup, replica: Replica, status: 421 | 307, rawPath = ""): Answer {
  const learner = replica.self?.voter !== true;
  const view = learner ? askOthers(replica, group.replicas) : viewOf(replica, group.replicas, true);
  if (view?.leader === undefined) return problem(503, "there is no leader");
  const { leader, leader_url, leader_address } = view;
  const headers: Record<string, string> = status === 307 ? { Location: `${leader_url}${rawPath}` } : {};
  return { status, headers, body: { error: "not the leader", leader, leader_url, leader_address } };
}
