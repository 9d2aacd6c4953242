import { z } from "zod";

export const inputsSchema = z.object({
  self: z.string().optional(),
  cluster: z.string(),
  service: z.enum(["chainfire", "flaredb"]),
  /** Member id: the node's name. */
  node: z.string(),
  /** `10.0.200.10:2380`. */
  raftAddr: z.string(),
  /** True for the members that form the cluster at its birth. */
  bootstrap: z.boolean(),
  /** Member id → API URL: the bootstrap members and this one. */
  endpoints: z.record(z.string(), z.string()),
  /**
   * Services of the same node that start after this one: `{ iam: "https://10.0.100.50:8080" }`. The member is done when
   * their `/health` answers 200 too.
   */
  dependents: z.record(z.string(), z.string()),
  ca: z.string(),
  clientCert: z.string(),
  clientKey: z.string(),
  /** Seconds. */
  deadlines: z.object({
    /** Until the service answers, and then until the member votes. */
    join: z.number().positive(),
  }),
});

/** One voter of one raft service. */
export type MemberInputs = z.infer<typeof inputsSchema>;

export interface MemberOutputs {
  /** True once the member was seen voting, and served a value that was written through another member. */
  voter: boolean;
  /** Seconds from the start of the last create or update until the member voted. */
  joinSeconds: number;
}
