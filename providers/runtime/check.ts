import { z } from "zod";
import { redact } from "../../foundation/redact.js";
import { sanitise } from "./sanitise.js";
import { without } from "./shared.js";
import { holdsUnknown } from "./unknown.js";

export interface CheckResult {
  inputs: Record<string, unknown>;
  failures: { property: string; reason: string }[];
}

/**
 * Validates inputs before anything is touched: all problems at once, each with its path. Inputs that hold a value that
 * is not known yet pass as they are; the others are validated and completed with their defaults. Those in
 * `mayBeMissing` may: the provider has them, or the operation that needs them says so.
 */
export function checkInputs(
  schema: z.ZodType,
  news: Record<string, unknown>,
  mayBeMissing: readonly string[] = [],
): CheckResult {
  const { __provider: _, ...values } = news;
  const unknown = Object.keys(values).filter((key) => holdsUnknown(values[key]));
  const elsewhere = mayBeMissing.filter((key) => values[key] === undefined);
  const parsed = knownPart(schema, [...unknown, ...elsewhere]).safeParse(
    Object.fromEntries(Object.entries(values).filter(([key]) => !unknown.includes(key))),
  );
  if (!parsed.success) return { inputs: values, failures: failuresOf(parsed.error) };
  const waiting = Object.fromEntries(unknown.map((key) => [key, values[key]]));
  return { inputs: { ...sanitise(z.looseObject({}).parse(parsed.data)), ...waiting }, failures: [] };
}

/** The schema without the keys that cannot be judged here. Rules across keys wait until everything is known. */
function knownPart(schema: z.ZodType, unknown: readonly string[]): z.ZodType {
  if (unknown.length > 0 && !(schema instanceof z.ZodObject)) return z.looseObject({});
  return without(schema, unknown);
}

function failuresOf(error: z.ZodError): CheckResult["failures"] {
  return error.issues.map((issue) => ({
    property: issue.path.join(".") || "inputs",
    reason: redact(`${issue.path.join(".") || "inputs"}: ${issue.message}`),
  }));
}
