import type { Member, Membership } from "../../drivers/raft/driver.js";

/** The arithmetic of majorities, and nothing else. Pure. */

/** How many of `count` voters decide. */
export function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}

/** How many more voters may fail before `count` voters, `healthy` of them healthy, decide nothing; negative: they do not now. */
export function mayFail(count: number, healthy: number): number {
  return healthy - majorityOf(count);
}

export function votersOf(membership: Membership): Member[] {
  return membership.members.filter((member) => member.role !== "learner");
}

/** Ids that more than one member has, each with the raft addresses. */
export function claimedTwice({ members }: Membership): [string, string[]][] {
  const ids = [...new Set(members.map(({ id }) => id))];
  return ids
    .map((id): [string, string[]] => [id, members.filter((each) => each.id === id).map(({ raft_addr }) => raft_addr)])
    .filter(([, places]) => places.length > 1);
}

/** A member of whose health nothing is said counts as healthy: the contract leaves the field optional. */
export function isHealthy(member: Member): boolean {
  return member.healthy !== false;
}

/** "node01, node02", or "none". */
export function listed(ids: readonly string[]): string {
  return ids.join(", ") || "none";
}

/** The services' names as people write them. */
export function titleOf(service: string): string {
  return service === "chainfire" ? "Chainfire" : service === "flaredb" ? "FlareDB" : service;
}
