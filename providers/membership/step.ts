import type { Condition, Membership } from "../../drivers/raft/driver.js";
import type { FlintError } from "../../foundation/errors.js";

/** Which raft group a refusal is about. */
export interface Group {
  cluster: string;
  service: string;
}

/** One raft group as it was seen. Silence is silence, never absence. */
export interface Observed {
  /** As the leader tells it, or the best word there is; undefined when nobody tells. */
  membership?: Membership;
  /** What members' own services say, as far as they were asked. */
  services: Readonly<Record<string, Condition>>;
}

/** What is wanted of one raft group in one operation. Everyone who is not named stays as it is. */
export interface Desired extends Group {
  /** These vote in the end. */
  join: readonly Wish[];
  /** These are no members in the end. The last voter stays all the same: the cluster ends with it. */
  leave: readonly string[];
  /** All members go, and the cluster with them. */
  dissolve?: boolean;
  /** False when the service cannot hand leadership over. */
  transfer?: boolean;
}

export interface Wish {
  id: string;
  /** `10.0.200.13:2380`. */
  raftAddr: string;
  /** True for the members that form the cluster at its birth. */
  bootstrap?: boolean;
}

/** One thing to do, and why. Whoever performs it looks again before the next one. */
export type Step = { reason: string } & (
  | { do: "await-leader" }
  | { do: "await-service"; id: string }
  /** As a learner where the service has them. */
  | { do: "add"; id: string; raftAddr: string }
  /** The leader gives the vote, once the member has caught up. */
  | { do: "await-vote"; id: string }
  | { do: "transfer"; to: string }
  | { do: "remove"; id: string }
  /** Nothing is asked of the cluster any more: its members stop with their machines. */
  | { do: "dissolve" }
);

export type Plan =
  | {
      steps: Step[];
      /** Each set of voters on the way, the present one first; empty when nobody tells. */
      moments: Moment[];
    }
  | { refused: FlintError };

/** The voters at one time of a plan. */
export interface Moment {
  /** Ids, in the order of the membership. */
  voters: string[];
  healthy: string[];
}
