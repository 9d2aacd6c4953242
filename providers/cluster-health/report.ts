import type { Membership } from "../../drivers/raft/driver.js";
import { claimedTwice, isHealthy, majorityOf, mayFail, votersOf } from "../membership/quorum.js";
import { tellApart } from "../membership/refusals.js";
import type { HealthInputs, HealthReport, HealthState, RaftReport } from "./schema.js";

/** What was seen of the whole cluster at one time. */
export interface Sight {
  /** Service → members as its leader tells; undefined when nobody answers. */
  raft: Record<"chainfire" | "flaredb", Membership | undefined>;
  /** `iam on node01` → "200", "503", "ECONNREFUSED". */
  endpoints: Record<string, string>;
  /** Those of them whose certificate has expired, or is not valid yet. */
  untimely: string[];
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
    const missing = missingOf(declared, membership);
    if (missing.length > 0)
      problems.push(`${title}: ${missing.join(", ")} ${missing.length === 1 ? "does" : "do"} not vote`);
    const ill = membership.members.filter((member) => declared.includes(member.id) && member.healthy === false);
    if (ill.length > 0) problems.push(`${title}: ${ill.map((member) => member.id).join(", ")} not healthy`);
    for (const [id, places] of claimedTwice(membership))
      problems.push(`${title}: two machines claim to be ${id}, at ${places.join(" and ")}`);
    const stale = sight.notReplicated[service];
    if (stale.length > 0) problems.push(`${title}: a written value did not come back from ${stale.join(", ")}`);
  }
  for (const [endpoint, answer] of Object.entries(sight.endpoints)) {
    if (answer !== "200") problems.push(`${endpoint} answers ${answer}`);
  }
  return problems;
}

function missingOf(declared: readonly string[], { members }: Membership): string[] {
  const voters = members.filter((member) => member.role !== "learner").map((member) => member.id);
  return declared.filter((name) => !voters.includes(name));
}

/** Voters among `names` that a service's leader does not list, as learners neither: as its resource is, it does not join again. Pure. */
export function leftOf(names: readonly string[], want: HealthInputs, { raft }: Pick<Sight, "raft">): string[] {
  const led = [raft.chainfire, raft.flaredb].filter((membership) => membership?.leader !== undefined);
  return names.filter(
    (name) =>
      want.nodes[name]?.voter === true &&
      led.some((membership) => membership?.members.some(({ id }) => id === name) === false),
  );
}

/** Whether each of the raft services has a leader, who tells its members. Pure. */
export function isLed({ raft }: Pick<Sight, "raft">): boolean {
  return raft.chainfire?.leader !== undefined && raft.flaredb?.leader !== undefined;
}

/** What to do about the problems. Pure. */
export function remedyOf(want: HealthInputs, sight: Sight): string {
  const remedies: string[] = [];
  if (sight.untimely.length > 0)
    remedies.push(
      "If the clock here is right, run `pulumi refresh` and `pulumi up`: " +
        "they put valid certificates on the machines and restart their services.",
    );
  const memberships = [sight.raft.chainfire, sight.raft.flaredb];
  const twice = memberships.flatMap((each) => (each === undefined ? [] : claimedTwice(each).map(([id]) => id)));
  for (const id of new Set(twice)) remedies.push(tellApart(id));
  const declared = Object.keys(want.nodes).filter((name) => want.nodes[name]?.voter);
  const missing = memberships.flatMap((each) => (each?.leader === undefined ? [] : missingOf(declared, each)));
  // Their own resources, which come before, have nothing to do as far as the state knows.
  if (missing.length > 0)
    remedies.push(
      `\`pulumi up --refresh\` looks whether ${[...new Set(missing)].join(", ")} has left, and makes it a member again.`,
    );
  return remedies.length > 0
    ? remedies.join(" ")
    : "See the journal of the services named, then run `pulumi up` again.";
}

/**
 * `failed`: something that the cluster is for does not work: a raft service without a leader or that takes no write, no IAM or
 * no PlasmaVMC at all. `degraded`: all of it works, with less than is declared. Pure.
 */
export function stateOf(want: HealthInputs, sight: Sight): HealthState {
  const voters = Object.values(want.nodes).filter((node) => node.voter).length;
  const raftFailed = (["chainfire", "flaredb"] as const).some((service) => {
    const stale = sight.notReplicated[service].length;
    return sight.raft[service]?.leader === undefined || (stale > 0 && stale >= voters);
  });
  const nobody = (service: string) => {
    const answers = Object.entries(sight.endpoints).filter(([endpoint]) => endpoint.startsWith(`${service} on `));
    return answers.length > 0 && answers.every(([, answer]) => answer !== "200");
  };
  if (raftFailed || nobody("iam") || nobody("plasmavmc")) return "failed";
  return problemsOf(want, sight).length === 0 ? "healthy" : "degraded";
}

/** Everything that was seen, for a monitor. Pure. */
export function reportOf(want: HealthInputs, sight: Sight): HealthReport {
  const raft = { chainfire: raftReport(sight.raft.chainfire), flaredb: raftReport(sight.raft.flaredb) };
  return {
    state: stateOf(want, sight),
    raft: Object.fromEntries(Object.entries(raft).filter(([, report]) => report !== undefined)),
    endpoints: sight.endpoints,
    problems: problemsOf(want, sight),
    undeclared: strangersIn(want, sight),
  };
}

function raftReport(membership: Membership | undefined): RaftReport | undefined {
  if (membership === undefined) return undefined;
  const voters = votersOf(membership);
  const healthy = voters.filter(isHealthy).length;
  return {
    ...leaderOf(membership),
    ...(membership.term === undefined ? {} : { term: membership.term }),
    voters: voters.map(({ id }) => id),
    healthy,
    quorum: majorityOf(voters.length),
    mayFail: mayFail(voters.length, healthy),
  };
}

/**
 * Members that nobody declared, each with what to do. They are named, not removed: they may be another stack's, and voters
 * among them count for the quorum. Pure.
 */
export function strangersIn(want: HealthInputs, sight: Sight): string[] {
  return (["chainfire", "flaredb"] as const).flatMap((service) => {
    const membership = sight.raft[service];
    const leads = want.nodes[membership?.leader ?? ""];
    const leader = leads?.ports[service] === undefined ? "" : `https://${leads.address}:${leads.ports[service]}`;
    return (membership?.members ?? [])
      .filter(({ id }) => want.nodes[id]?.voter !== true)
      .map(
        ({ id, raft_addr, role }) =>
          `${TITLES[service]}: ${id} at ${raft_addr} is a ${role === "learner" ? "learner" : "voter"}, but not declared. ` +
          `${role === "learner" ? "Nobody else can join meanwhile" : "It counts for the quorum"}: declare it, or remove it ` +
          `with POST ${leader}/admin/member/remove {"id": "${id}"} at the leader ` +
          "(with `clientCert` and `clientKey` of `pulumi stack output clusterInfo --show-secrets`) and switch it off.",
      );
  });
}

/** The leader, unless it is one of those that were left out: another one leads by the time that this is read. */
function leaderOf({ leader, members }: Membership): { leader?: string } {
  return leader === undefined || !members.some(({ id }) => id === leader) ? {} : { leader };
}

/** What is seen of the members that stay. Pure. */
export function withoutMembers(sight: Sight, leaving: readonly string[]): Sight {
  const stay = (membership: Membership | undefined) =>
    membership === undefined
      ? undefined
      : { ...membership, members: membership.members.filter(({ id }) => !leaving.includes(id)) };
  return { ...sight, raft: { chainfire: stay(sight.raft.chainfire), flaredb: stay(sight.raft.flaredb) } };
}

/** "3 nodes healthy; Chainfire 3 members, leader node01; FlareDB 3 members, leader node02". */
export function summaryOf(want: HealthInputs, sight: Sight): string {
  const nodes = Object.keys(want.nodes).length;
  const parts = [`${nodes} ${nodes === 1 ? "node" : "nodes"} healthy`];
  for (const service of ["chainfire", "flaredb"] as const) {
    const membership = sight.raft[service];
    const count = membership?.members.length ?? 0;
    const { leader } = membership === undefined ? {} : leaderOf(membership);
    const leads = leader ?? (membership?.leader === undefined ? "none" : "another than before");
    parts.push(`${TITLES[service]} ${count} ${count === 1 ? "member" : "members"}, leader ${leads}`);
  }
  return parts.join("; ");
}
