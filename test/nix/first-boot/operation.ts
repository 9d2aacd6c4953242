import { z } from "zod";

export const operationsSchema = z.array(
  z.object({
    resource: z.enum(["ChainfireMember", "ClusterHealth"]),
    operation: z.enum(["create", "delete"]),
    inputs: z.record(z.string(), z.unknown()),
  }),
);

/** One operation on one resource; for a delete, `inputs` are the outputs that the state would hold. */
export type Operation = z.infer<typeof operationsSchema>[number];

export const outcomesSchema = z.array(
  z.union([z.object({ outs: z.record(z.string(), z.unknown()) }), z.object({ error: z.string() })]),
);

/** What became of an operation: the outputs (none of a delete), or the message. */
export type Outcome = z.infer<typeof outcomesSchema>[number];
