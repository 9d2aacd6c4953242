import { z } from "zod";
import { faultsSchema } from "../../redfish/faults.js";
import { hostFaultsSchema } from "../host/faults.js";
import { machineFaultsSchema } from "../machine/faults.js";
import { nixFaultsSchema } from "../tools/faults.js";

const probability = z.number().min(0).max(1);
const probabilities = <Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>) =>
  z.partialRecord(schema.keyof(), probability).default({});

/** Faults by probability, as they are wanted. */
export type ChancesOptions = z.input<typeof chancesSchema>;

/**
 * Faults by probability: fault → how likely it is, from 0 to 1. Each machine, and the provisioning host and nix for the whole
 * rack, has each fault with its probability once in an installation, once in an update and once in a removal.
 */
export const chancesSchema = z.strictObject({
  machine: probabilities(machineFaultsSchema),
  bmc: probabilities(faultsSchema),
  host: probabilities(hostFaultsSchema),
  nix: probabilities(nixFaultsSchema),
  /**
   * What begins now: only the faults of this change are drawn, those from `before` on at once. Default: an installation begins
   * now; updates and removals come later, nobody knows when, so that theirs begin at moments only.
   */
  change: z.enum(["install", "update", "removal"]).optional(),
  /** So many simulated milliseconds after it began, a drawn fault is over. Default: it lasts. */
  repairedAfter: z.number().positive().optional(),
});
export type Chances = z.output<typeof chancesSchema>;
