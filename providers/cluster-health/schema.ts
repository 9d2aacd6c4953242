import { z } from "zod";

export const inputsSchema = z.object({
  self: z.string().optional(),
  cluster: z.string(),
  domain: z.string(),
  nodes: z.record(
    z.string(),
    z.object({
      profile: z.enum(["control-plane", "worker", "all-in-one"]),
      /** Address at which the services are asked. */
      address: z.string(),
      voter: z.boolean(),
      /** API ports of the services that run there. */
      ports: z.object({
        chainfire: z.number().optional(),
        flaredb: z.number().optional(),
        iam: z.number().optional(),
        plasmavmc: z.number(),
      }),
    }),
  ),
  ca: z.string(),
  clientCert: z.string(),
  clientKey: z.string(),
  /** Seconds. */
  deadlines: z.object({ health: z.number().positive() }),
});

/** What must be healthy. */
export type HealthInputs = z.infer<typeof inputsSchema>;

export interface HealthOutputs {
  healthy: boolean;
  /** One line for people: "3 nodes healthy; Chainfire 3 members, leader node01; …". */
  summary: string;
  /** Nodes that were checked. */
  checked: string[];
  /** When, ISO 8601. */
  checkedAt: string;
}
