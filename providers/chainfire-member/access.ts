import { openRaft } from "../../drivers/raft/client.js";
import type { RaftClient, RaftEndpoints } from "../../drivers/raft/driver.js";
import type { Desired, Observed } from "../membership/step.js";
import type { MemberInputs } from "./schema.js";

/** A member that has just started takes its time; asking it again sooner only makes it slower. */
export const LOOK_MS = 15_000;

/** How a member's raft group is reached. */
export function endpointsOf(want: MemberInputs): RaftEndpoints {
  const { cluster, service, endpoints: urls, ca, clientCert, clientKey } = want;
  return { cluster, service, urls, ca, clientCert, clientKey };
}

/** Runs `work` with a client of the member's raft group, and closes it. */
export async function withClient<T>(want: MemberInputs, work: (client: RaftClient) => Promise<T>): Promise<T> {
  const client = openRaft(endpointsOf(want));
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** What shares one change of members at a time. */
export function turnOf(want: Pick<MemberInputs, "cluster" | "service">): string {
  return `${want.cluster} ${want.service}`;
}

export function toVote(want: MemberInputs): Desired {
  const { cluster, service, node, raftAddr, bootstrap } = want;
  return { cluster, service, join: [{ id: node, raftAddr, bootstrap }], leave: [] };
}

export function toLeave(want: MemberInputs, transfer: boolean): Desired {
  const { cluster, service, node } = want;
  return { cluster, service, join: [], leave: [node], transfer };
}

/** True when nobody answers who could be a member. */
export function isSilence({ membership, services }: Observed): boolean {
  const none = ["silent", "untrusted", "waiting"];
  return membership === undefined && Object.values(services).every((each) => none.includes(each));
}
