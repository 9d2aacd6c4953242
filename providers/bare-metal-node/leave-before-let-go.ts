import { z } from "zod";
import { openRaft } from "../../drivers/raft/client.js";
import type { Membership, RaftEndpoints, RaftService } from "../../drivers/raft/driver.js";
import { sshAnswers } from "../../drivers/ssh/probe.js";
import { rememberSecrets } from "../../foundation/redact.js";
import { leave } from "../chainfire-member/leave.js";
import { whoIsAway } from "../membership/away.js";
import { declaredRaft } from "../membership/declared.js";
import { titleOf } from "../membership/quorum.js";
import { DIGESTS } from "../runtime/digest.js";
import { withShared } from "../runtime/shared.js";
import { isNamed, namedTargets } from "../runtime/targets.js";
import type { NodeContext } from "./context.js";
import { hasVoted, type VoteKeeper } from "./disruption.js";
import { refuseLettingGo, refuseTargeted } from "./quorum.js";
import { wasInstalled } from "./refused-changes.js";
import type { StoredNode } from "./schema.js";

const LOOK_MS = 10_000;
/** As a member's own default. */
const LEAVE_WITHIN_S = 600;

const operatorSchema = z.object({ ca: z.string(), clientCert: z.string(), clientKey: z.string() });

/** Who is let go. */
export interface Leaver extends VoteKeeper, Pick<NodeContext<StoredNode>, "run" | "systemTarget"> {
  want: Pick<StoredNode, "cluster" | "name" | "self">;
}

/**
 * Takes a machine that is to be let go out of the services that list it, while it still serves them. Usually its members have
 * left by then, as resources of their own; a state that does not have them (a run was killed between machine and members, or
 * they were deleted from it) lets nobody leave. Where no voter of its cluster is declared in this run, the cluster ends, and nobody
 * is asked; or the run has targets, this machine among them, and nobody can be.
 * @param withinS Seconds in which the others must go on without it.
 * @throws FlintError as `leave`; `QUORUM_UNKNOWN` when it has voted and nobody says who would be left. Nothing is done to it then.
 */
export async function leaveBeforeLetGo(
  node: Leaver,
  withinS = LEAVE_WITHIN_S,
  targets: readonly string[] = namedTargets(),
): Promise<void> {
  const { cluster, name, self = "" } = node.want;
  const raft = declaredRaft(cluster);
  if (raft === undefined && isNamed(targets, self) && (await mayVote(node))) throw refuseTargeted(name);
  const operator = operatorSchema.safeParse(withShared(["ca", "clientCert", "clientKey"], {}));
  if (raft === undefined || !operator.success) return;
  rememberSecrets(operator.data.clientKey);
  for (const service of ["chainfire", "flaredb"] as const) {
    if (whoIsAway(cluster, service, [name]).length > 0) continue;
    const endpoints = { cluster, service, urls: raft[service], ...operator.data };
    const membership = await membersOf(endpoints, node.signal);
    if (!(await isToLeave(node, service, membership))) continue;
    node.run.info(
      `${name} is a member of ${titleOf(service)}, which the state does not know: it leaves before it is let go.`,
    );
    const { urls, ...access } = endpoints;
    const member = { ...access, node: name, raftAddr: "", bootstrap: false, endpoints: urls, dependents: {} };
    const { run, signal } = node;
    await leave({ ...member, deadlines: { join: withinS } }, { ...run, signal, before: undefined, record() {} });
  }
}

const voterSchema = z.object({ [DIGESTS]: z.object({ raft: z.string() }) });

/** It was installed as a voter, and no resource of its own has left; by its own word, where it gives one. */
async function mayVote(node: Leaver): Promise<boolean> {
  const { cluster, name } = node.want;
  const before = { ...node.run.before };
  if (!wasInstalled(before)) return false;
  const services = (["chainfire", "flaredb"] as const).filter(
    (service) => whoIsAway(cluster, service, [name]).length === 0,
  );
  if (services.length === 0) return false;
  if ((await sshAnswers(node.systemTarget(), { signal: node.signal })) !== "ready")
    return voterSchema.safeParse(before).success;
  for (const service of services) if (await hasVoted(node, service)) return true;
  return false;
}

/** A cluster that is being born names its members before any of them has data: one that never came up has nothing to leave. */
async function isToLeave(node: Leaver, service: RaftService, membership: Membership | undefined): Promise<boolean> {
  const { name } = node.want;
  const isListed = membership?.members.some(({ id }) => id === name) === true;
  if (membership?.leader !== undefined) return isListed;
  if (!wasInstalled({ ...node.run.before })) return false;
  if (isListed) return true;
  // One that is off or broken cannot say so, and is no member that lives.
  if (membership !== undefined || (await sshAnswers(node.systemTarget(), { signal: node.signal })) !== "ready")
    return false;
  if (await hasVoted(node, service)) throw refuseLettingGo(service, name);
  return false;
}

/** Whoever is not let in hears nothing: a machine without a vote need not wait for that. */
async function membersOf(endpoints: RaftEndpoints, signal: AbortSignal): Promise<Membership | undefined> {
  const client = openRaft(endpoints);
  try {
    return await client.members(LOOK_MS);
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    await client.close();
  }
}
