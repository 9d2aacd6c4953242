import type { RaftService } from "../../drivers/raft/driver.js";
import { leave } from "../chainfire-member/leave.js";
import { titleOf } from "../membership/quorum.js";
import { inPhase } from "../phases.js";
import type { NodeContext } from "./context.js";
import { askMembers } from "./living-cluster.js";
import type { NodeInputs } from "./schema.js";

/** Whose earlier installation leaves. */
export type Leaver = Pick<NodeContext, "run" | "signal"> & {
  want: Pick<NodeInputs, "name" | "cluster" | "raft" | "ca" | "cert" | "material" | "deadlines">;
};

/**
 * Takes a machine that is to be installed anew out of the services that still count on its earlier installation. Usually its
 * members have left by then, as resources of their own; a state that does not have them (a run was killed after the system had
 * joined by itself, or ended before they were made) lets nobody leave. Only a leader is listened to: members that form a cluster
 * name each other before any of them has data.
 * @returns whether there was something to leave.
 * @throws FlintError as `leave`: nothing is formatted then.
 */
export async function leaveFirst(node: Leaver): Promise<boolean> {
  const services = ["chainfire", "flaredb"] as const;
  const left = await Promise.all(services.map((service) => leaveService(node, service)));
  return left.includes(true);
}

async function leaveService({ want, run, signal }: Leaver, service: RaftService): Promise<boolean> {
  const { name, cluster, raft, ca, cert, material, deadlines } = want;
  if (raft === undefined) return false;
  const membership = await askMembers({ want, signal }, service);
  if (membership?.leader === undefined || !membership.members.some(({ id }) => id === name)) return false;
  run.info(
    `${name} is a member of ${titleOf(service)} still, by its earlier installation: it leaves before its disk is written.`,
  );
  const member = {
    ...{ cluster, service, node: name, raftAddr: "", bootstrap: false, endpoints: raft[service], dependents: {} },
    ...{ ca, clientCert: cert, clientKey: material.key, deadlines: { join: deadlines.firstBoot } },
  };
  await leave(member, { ...run, signal, before: undefined, record() {} }).catch((error: unknown) => {
    throw inPhase(name, "leaving the cluster", error);
  });
  return true;
}
