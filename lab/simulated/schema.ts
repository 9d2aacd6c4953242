import { z } from "zod";
import { faultsSchema } from "../redfish/faults.js";
import { chancesSchema } from "./chances/schema.js";
import { hostFaultsSchema } from "./host/faults.js";
import { machineFaultsSchema } from "./machine/faults.js";
import { COMING } from "./moments.js";
import { nixFaultsSchema } from "./tools/faults.js";

/** A simulated rack, as its process is told of it. */
export const simulationSchema = z.strictObject({
  /** How many machines. */
  machines: z.int().min(1).max(1000),
  /** What the random numbers follow from. Default "1". */
  seed: z.string().default("1"),
  /** How many simulated seconds pass in one real second. Default 20. */
  speed: z.number().positive().default(20),
  /** Cluster whose provisioning host this is. Default "sim". */
  cluster: z
    .string()
    .regex(/^[a-z]([a-z0-9-]*[a-z0-9])?$/)
    .default("sim"),
  /** Machine → file system that somebody else left on its disk. Default: all disks are blank. */
  foreign: z.record(z.string(), z.string()).default({}),
  /** Faults by probability. Default: none. */
  chances: chancesSchema.prefault({}),
});
export type Simulation = z.infer<typeof simulationSchema>;

const moment = z.enum(COMING);

/** Faults by machine; and those of nix and of the provisioning host. What is given replaces what was there. */
export const faultOrderSchema = z.strictObject({
  machines: z
    .record(
      z.string(),
      z.strictObject({
        machine: machineFaultsSchema.optional(),
        bmc: faultsSchema.optional(),
        /** Not now: in addition to what is there, when the machine comes to this moment next. */
        at: moment.optional(),
        /** Somebody at the machine switches it off and on again. */
        powerCycle: z.boolean().optional(),
        /** Whose disk it is gives up what is on it now: it may be formatted. */
        released: z.boolean().optional(),
      }),
    )
    .default({}),
  nix: nixFaultsSchema.optional(),
  host: hostFaultsSchema.optional(),
  /** Those of nix and of the provisioning host not now, but when this machine comes to the moment next. */
  at: z.strictObject({ machine: z.string(), moment }).optional(),
  /** Faults by probability, drawn anew. */
  chances: chancesSchema.optional(),
});
export type FaultOrder = z.input<typeof faultOrderSchema>;
export type ReadFaultOrder = z.output<typeof faultOrderSchema>;

const counts = z.object({
  powerCalls: z.number(),
  boots: z.number(),
  wipes: z.record(z.string(), z.number()),
  installs: z.record(z.string(), z.number()),
  changes: z.number(),
});

/** What the rack tells of itself. */
export const statusSchema = z.object({
  violations: z.array(z.string()),
  /** Most at once since the rack was made. */
  peaks: z.object({
    installs: z.number(),
    /** Of the BMC that had most. */
    bmcRequests: z.number(),
    /** Commands over ssh on the provisioning host. */
    hostCommands: z.number(),
  }),
  counts: z.record(z.string(), counts),
  /** Files of the cluster on its provisioning host: path below its directory → phase of a record, kind of a boot script. */
  files: z.record(z.string(), z.string()),
  machines: z.record(
    z.string(),
    z.object({
      power: z.string(),
      runs: z.string().nullable(),
      bootId: z.string().nullable(),
      toplevel: z.string().nullable(),
      mark: z.string().nullable(),
    }),
  ),
});
export type Status = z.infer<typeof statusSchema>;
