import pLimit from "p-limit";
import type { Clock } from "../../clock.js";
import type { Random } from "../../random.js";
import { Alarm } from "../alarm.js";
import type { RaftIdentity } from "./identity.js";
import { latestMembers, type RaftData, type RaftMember } from "./log.js";

/**
 * - `starting`: it has not decided yet how it takes part
 * - `waiting`: it has no data, and waits to be added
 * - `running`: it takes part, or would found the cluster if enough others were there
 * - `removed`: it found out that the cluster removed it
 */
export type ReplicaState = "starting" | "waiting" | "running" | "removed";

/** The process of a raft service on one node, from its start to its stop. */
export class Replica {
  state: ReplicaState = "starting";
  /** It waits, and the cluster lists it as one that took part before. */
  dataLost = false;
  up = false;
  /** False while the node's link to the cluster network is cut. */
  linked = true;
  /** When it started, or its link came back. */
  since = 0;
  leads = false;
  /** Raft id of the leader that it follows, as far as it knows. */
  leader: string | undefined;
  /** It has what its leader has. */
  inSync = false;

  readonly election: Alarm;
  readonly decision: Alarm;
  readonly catchUp: Alarm;
  readonly promotion: Alarm;
  /** One change of members at a time is handled by a process. */
  readonly oneChange = pLimit(1);

  constructor(
    readonly identity: RaftIdentity,
    readonly data: RaftData,
    readonly random: Random,
    clock: Clock,
  ) {
    this.election = new Alarm(clock);
    this.decision = new Alarm(clock);
    this.catchUp = new Alarm(clock);
    this.promotion = new Alarm(clock);
  }

  get id(): string {
    return this.identity.id;
  }

  /** Takes part with data of its own. */
  get takesPart(): boolean {
    return this.up && this.state === "running" && this.data.raftId !== undefined;
  }

  /** Waits for enough other nodes to found the cluster with. */
  get founding(): boolean {
    return this.up && this.state === "running" && this.data.raftId === undefined && this.identity.bootstrap;
  }

  get members(): readonly RaftMember[] {
    return latestMembers(this.data);
  }

  /** Its own row, by the last entry of its log. */
  get self(): RaftMember | undefined {
    return this.members.find(({ raftId }) => raftId === this.data.raftId);
  }

  /** What a new process does not know. */
  forget(): void {
    this.leads = false;
    this.leader = undefined;
    this.inSync = false;
    for (const alarm of [this.election, this.decision, this.catchUp, this.promotion]) alarm.clear();
  }
}
