/** Services with a raft group that Flint manages members of. */
export type RaftService = "chainfire" | "flaredb";

export type MemberRole = "leader" | "follower" | "learner";

/** One member as a service reports it (`GET /admin/cluster/members`). */
export interface Member {
  id: string;
  raft_addr: string;
  role: MemberRole;
  healthy?: boolean;
  match_index?: number;
  /** Raft's own id, where the service tells it: another one after the member left and joined again. */
  raft_id?: string;
}

export interface Membership {
  /** Member id; absent while there is none. */
  leader?: string;
  term?: number;
  members: Member[];
  commit_index?: number;
}

/**
 * What a member's own service says of itself (`GET /health`):
 * - `healthy`: 200, it sees a leader
 * - `waiting`: 200, it has no data and waits to be added
 * - `data-lost`: 200, the cluster lists it, but its data is gone: it cannot come back under its old identity
 * - `removed`: 503, the cluster removed it; it comes back when it is added again
 * - `no-leader`: 503, no election has ended yet, or the quorum is lost
 * - `unhealthy`: another answer
 * - `untrusted`: its certificate does not verify
 * - `silent`: no answer, which says nothing of the member
 *
 * Services that say no more than healthy or not are `healthy` or `unhealthy`.
 */
export type Condition =
  | "healthy"
  | "waiting"
  | "data-lost"
  | "removed"
  | "no-leader"
  | "unhealthy"
  | "untrusted"
  | "silent";

/** How one service of one cluster is reached. */
export interface RaftEndpoints {
  /** Cluster and service, for messages. */
  cluster: string;
  service: RaftService;
  /** Member id → API base URL (`https://10.0.100.50:2379`). Redirects to a member are resolved through this table first. */
  urls: Record<string, string>;
  /** PEM. */
  ca: string;
  clientCert: string;
  clientKey: string;
}

export type AddOutcome = "added" | "already-member";
export type RemoveOutcome = "removed" | "not-a-member";

/** Admin and key-value API of Chainfire and FlareDB. Every call has a deadline; redirects are followed, at most 5. */
export interface RaftClient {
  /** One member's own health: true for 200 `healthy`; false for 503; undefined when it does not answer. */
  health(id: string, deadlineMs?: number): Promise<boolean | undefined>;
  /** The same question, with the whole answer. Never throws for a member whose address is known. */
  condition(id: string, deadlineMs?: number): Promise<Condition>;
  /** As told by the first member that answers, the leader preferred. Undefined when none answers. */
  members(deadlineMs?: number): Promise<Membership | undefined>;
  add(member: { id: string; raft_addr: string }, deadlineMs?: number): Promise<AddOutcome>;
  remove(id: string, deadlineMs?: number): Promise<RemoveOutcome>;
  /** False when the service has no leadership transfer (404, 405). */
  transferLeader(to: string, deadlineMs?: number): Promise<boolean>;
  put(key: string, value: string, via?: string): Promise<void>;
  get(key: string, via?: string): Promise<string | undefined>;
  deleteKey(key: string, via?: string): Promise<void>;
  close(): Promise<void>;
}
