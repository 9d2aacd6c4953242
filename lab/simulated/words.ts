import { readFileSync } from "node:fs";
import { InvalidArgumentError } from "commander";
import { z } from "zod";
import { reasonOf } from "./reason.js";
import { type FaultOrder, faultOrderSchema } from "./schema.js";
import { refuseStrangers } from "./strangers.js";

/** Reads a number of the command line. @param allowed In words, for whoever wrote something else. */
const numberOf = (allowed: string, schema: z.ZodNumber) => (word: string) => {
  const { success, data } = schema.safeParse(word.trim() === "" ? Number.NaN : Number(word));
  if (!success) throw new InvalidArgumentError(`Allowed is ${allowed}.`);
  return data;
};

export const readMachines = numberOf("a whole number, 1–1000", z.int().min(1).max(1000));
export const readSpeed = numberOf("a number above 0, as 20 or 0.5", z.number().positive());
export const readRepairedAfter = numberOf("simulated seconds, a number above 0", z.number().positive());

/**
 * The fault orders of a file: one, or a list of them, as JSON.
 * @param names Of the rack's machines.
 * @throws Error that names the file, the place in it and what is wrong there.
 */
export function readFaults(file: string, names: readonly string[]): FaultOrder[] {
  const told = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw new Error(`--faults ${file}: ${reasonOf(error)}`, { cause: error });
    }
  };
  const content: unknown = told(() => JSON.parse(readFileSync(file, "utf8")));
  return told(() => {
    const orders = Array.isArray(content)
      ? z.array(faultOrderSchema).parse(content)
      : [faultOrderSchema.parse(content)];
    for (const order of orders) refuseStrangers(order, names);
    return orders;
  });
}
