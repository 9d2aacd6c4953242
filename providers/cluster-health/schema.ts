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
      /** What becomes of the machine when it is taken out: told in the preview of that. */
      onDelete: z.enum(["power-off", "leave", "wipe"]).optional(),
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

export type HealthState = "healthy" | "degraded" | "failed";

/** One raft service as its leader tells. */
export interface RaftReport {
  leader?: string;
  term?: number;
  /** Ids of the members that vote. */
  voters: string[];
  /** How many of them are healthy, how many decide, and how many more may fail (negative: they decide nothing now). */
  healthy: number;
  quorum: number;
  mayFail: number;
}

/** For a monitor: `pulumi stack output healthReport --json`. */
export interface HealthReport {
  state: HealthState;
  /** Service → its members; a service of which no member answers is missing. */
  raft: { chainfire?: RaftReport; flaredb?: RaftReport };
  /** `iam on node01` → "200", "503", "ECONNREFUSED". */
  endpoints: Record<string, string>;
  /** What is not as declared, in words. */
  problems: string[];
  /** Members that nobody declared, in words, with what to do. They are no problem of those that are. */
  undeclared: string[];
}

export interface HealthOutputs {
  healthy: boolean;
  /** Undefined before the first look was over. */
  report?: HealthReport;
  /** One line for people: "3 nodes healthy; Chainfire 3 members, leader node01; …". */
  summary: string;
  /** Nodes that were checked. */
  checked: string[];
  /** When, ISO 8601. */
  checkedAt: string;
}
