import { z } from "zod";

/** Bodies of the admin API. Unknown fields are dropped, missing optional ones tolerated. */
const optionalNumber = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined);

const member = z.object({
  id: z.string().min(1).max(253),
  raft_addr: z.string().max(300),
  role: z.enum(["leader", "follower", "learner"]),
  healthy: z
    .boolean()
    .nullish()
    .transform((value) => value ?? undefined),
  match_index: optionalNumber,
  raft_id: z
    .string()
    .max(100)
    .nullish()
    .transform((value) => value ?? undefined),
});

export const membership = z.object({
  // An empty string is how Go services say "none".
  leader: z
    .string()
    .nullish()
    .transform((id) => id || undefined),
  term: optionalNumber,
  members: z.array(member).max(1000),
  commit_index: optionalNumber,
});

export const health = z.object({
  status: z.string(),
  state: z.string().optional().catch(undefined),
  data: z.string().optional().catch(undefined),
});

/** What a refusal may carry. */
export const refusal = z.object({
  error: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  id: z.string().optional().catch(undefined),
  raft_addr: z.string().optional().catch(undefined),
  leader_url: z.string().optional().catch(undefined),
});
