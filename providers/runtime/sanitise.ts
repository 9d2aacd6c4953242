import { toUSVString } from "node:util";
import { z } from "zod";
import { FlintError } from "../../foundation/errors.js";

/** Values as they travel between the engine and a provider. */
export type Properties = Record<string, unknown>;

/** What protobuf's Struct can carry. */
export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

/**
 * Outputs as plain data. Anything that protobuf's Struct refuses makes the provider host fail after the work was done
 * (or hang, on its error path), so this is the one place where values leave for the state: undefined, functions,
 * cycles and a Map's keys that are no text are dropped, Date → ISO-8601, bigint → decimal text, bytes → base64,
 * Map → object, Set → list, NaN and infinities → null, -0 → 0, unpaired surrogates → U+FFFD.
 */
export function sanitise(values: object): Record<string, Plain> {
  const plain = toPlain(values, []);
  return typeof plain === "object" && plain !== null && !Array.isArray(plain) ? plain : {};
}

function toPlain(value: unknown, above: readonly object[]): Plain | undefined {
  switch (typeof value) {
    case "string":
      return toUSVString(value);
    case "boolean":
      return value;
    case "number":
      // -0 becomes 0: JSON, which the state is written in, does not know the difference.
      return Number.isFinite(value) ? value + 0 : null;
    case "bigint":
      return value.toString();
    case "object":
      return value === null ? null : fromObject(value, above);
    default:
      return undefined;
  }
}

function fromObject(value: object, above: readonly object[]): Plain | undefined {
  if (above.includes(value)) return undefined;
  const path = [...above, value];
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL) return value.href;
  if (value instanceof Error) return toUSVString(value.message);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Set) return fromList([...value], path);
  if (Array.isArray(value)) return fromList(value, path);
  return fromEntries(value instanceof Map ? [...value] : Object.entries(value), path);
}

function fromList(items: readonly unknown[], path: readonly object[]): Plain[] {
  // A hole or a function keeps its place: dropping it would shift the others.
  return Array.from(items, (item) => toPlain(item, path) ?? null);
}

function fromEntries(entries: readonly (readonly [unknown, unknown])[], path: readonly object[]): Plain {
  const plain: Record<string, Plain> = {};
  for (const [key, item] of entries) {
    if (typeof key === "object" || typeof key === "function" || typeof key === "symbol") continue;
    const clean = toPlain(item, path);
    // A key "__proto__" would set the prototype instead of a property.
    if (clean !== undefined && key !== "__proto__") plain[toUSVString(String(key))] = clean;
  }
  return plain;
}

/** Inputs of a resource out of what the engine sends: inputs (create, update) or outputs, which echo them. */
export function readInputs<I>(schema: z.ZodType<I>, type: string, values: Record<string, unknown>): I {
  const parsed = schema.safeParse(pickInputs(schema, values));
  if (parsed.success) return parsed.data;
  throw new FlintError("INPUT_INVALID", {
    subject: type,
    expected: "inputs as its schema describes them",
    found: parsed.error.issues.map((issue) => `${issue.path.join(".") || "inputs"}: ${issue.message}`).join("; "),
    remedy: "Run `pulumi up` with the release of pulumi-flint that wrote this state, or correct the inputs named here.",
    cause: parsed.error,
  });
}

/** The values that are inputs: the engine's own keys and the outputs are left out. */
export function pickInputs(schema: z.ZodType, values: Record<string, unknown>): Record<string, unknown> {
  const keys = inputKeys(schema);
  const { __provider: _, ...rest } = values;
  if (keys === undefined) return rest;
  return Object.fromEntries(Object.entries(rest).filter(([key]) => keys.includes(key)));
}

/** Top-level input names, when the schema is an object. */
export function inputKeys(schema: z.ZodType): string[] | undefined {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : undefined;
}
