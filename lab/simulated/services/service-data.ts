import { newRaftData, type RaftData } from "./raft/log.js";

/** What a node's disk keeps of the services between boots. It is gone with a wipe: a new one takes its place. */
export interface ServiceData {
  chainfire: RaftData;
  flaredb: RaftData;
  /** Marks in /var/lib/flint: `.chainfire-joined`, `.flaredb-joined`, `.iam-set-up`. */
  marks: Set<string>;
}

export function newServiceData(): ServiceData {
  return { chainfire: newRaftData(), flaredb: newRaftData(), marks: new Set() };
}
