import type { Membership } from "../../drivers/raft/driver.js";
import type { HealthInputs } from "./schema.js";

/** What was seen of the whole cluster at one time. */
export interface Sight {
  /** Service → members as its leader tells; undefined when nobody answers. */
  raft: Record<"chainfire" | "flaredb", Membership | undefined>;
  /** `iam on node01` → "200", "503", "ECONNREFUSED". */
  endpoints: Record<string, string>;
  /** Service → nodes on which a value written just now could not be read back. */
  notReplicated: Record<"chainfire" | "flaredb", string[]>;
}

const TITLES = { chainfire: "Chainfire", flaredb: "FlareDB" } as const;

/** Everything that is not as declared, in words. Empty: the cluster is healthy. Pure. */
export function problemsOf(want: HealthInputs, sight: Sight): string[] {
  const problems: string[] = [];
  const declared = Object.keys(want.nodes).filter((name) => want.nodes[name]?.voter);
  for (const service of ["chainfire", "flaredb"] as const) {
    const membership = sight.raft[service];
    const title = TITLES[service];
    if (membership === undefined) {
      problems.push(`${title}: no member answers`);
      continue;
    }
    if (membership.leader === undefined) problems.push(`${title}: no leader`);
    const voters = membership.members.filter((member) => member.role !== "learner").map((member) => member.id);
    const missing = declared.filter((name) => !voters.includes(name));
    if (missing.length > 0)
      problems.push(`${title}: ${missing.join(", ")} ${missing.length === 1 ? "does" : "do"} not vote`);
    const ill = membership.members.filter((member) => declared.includes(member.id) && member.healthy === false);
    if (ill.length > 0) problems.push(`${title}: ${ill.map((member) => member.id).join(", ")} not healthy`);
    const stale = sight.notReplicated[service];
    if (stale.length > 0) problems.push(`${title}: a written value did not come back from ${stale.join(", ")}`);
  }
  for (const [endpoint, answer] of Object.entries(sight.endpoints)) {
    if (answer !== "200") problems.push(`${endpoint} answers ${answer}`);
  }
  return problems;
}

/**
 * Members that nobody declared, each with what to do; `leaving` are those that this run takes out. They are named, not
 * removed: they may be another stack's, and they count for the quorum. Pure.
 */
export function strangersIn(want: HealthInputs, leaving: readonly string[], sight: Sight): string[] {
  return (["chainfire", "flaredb"] as const).flatMap((service) =>
    (sight.raft[service]?.members ?? [])
      .filter(({ id }) => want.nodes[id]?.voter !== true && !leaving.includes(id))
      .map(
        ({ id, raft_addr }) =>
          `${TITLES[service]}: ${id} at ${raft_addr} is a member, but not declared. It counts for the quorum: declare it, or ` +
          `remove it with POST /admin/member/remove {"id": "${id}"} at the leader.`,
      ),
  );
}

/** "3 nodes healthy; Chainfire 3 members, leader node01; FlareDB 3 members, leader node02". */
export function summaryOf(want: HealthInputs, sight: Sight): string {
  const nodes = Object.keys(want.nodes).length;
  const parts = [`${nodes} ${nodes === 1 ? "node" : "nodes"} healthy`];
  for (const service of ["chainfire", "flaredb"] as const) {
    const membership = sight.raft[service];
    const count = membership?.members.length ?? 0;
    parts.push(
      `${TITLES[service]} ${count} ${count === 1 ? "member" : "members"}, leader ${membership?.leader ?? "none"}`,
    );
  }
  return parts.join("; ");
}
