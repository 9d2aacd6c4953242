import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { pickInputs, sanitise } from "./sanitise.js";
import { holdsUnknown } from "./unknown.js";

export interface DiffResult {
  changes: boolean;
  replaces?: string[];
  deleteBeforeReplace?: boolean;
}

export interface DiffQuestion {
  schema: z.ZodType;
  /** Old outputs (the engine sends those): they echo the old inputs. */
  olds: Record<string, unknown>;
  news: Record<string, unknown>;
  replaceOn: readonly string[];
  ignore: readonly string[];
  /** What of an input counts, where that is not all of it. */
  compare?: Readonly<Record<string, ((value: unknown) => unknown) | undefined>>;
  /** Earlier work did not finish: there is something to do although no input changed. */
  unfinished: boolean;
}

/**
 * Compares inputs deeply. A value that is not known yet is a change but never a replacement: the engine asks every
 * dependent with unknowns in place when a resource is replaced, and a PXE server must not take the nodes with it.
 */
export function diffInputs({
  schema,
  olds,
  news,
  replaceOn,
  ignore,
  compare = {},
  unfinished,
}: DiffQuestion): DiffResult {
  const before = normal(schema, olds);
  const after = normal(schema, news);
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => {
    if (key === "self" || ignore.includes(key)) return false;
    const counts = compare[key] ?? ((value) => value);
    return !isDeepStrictEqual(counts(before[key]), counts(after[key]));
  });
  const replaces = changed.filter((key) => replaceOn.includes(key) && !holdsUnknown(after[key]));
  if (replaces.length > 0) return { changes: true, replaces, deleteBeforeReplace: true };
  return { changes: changed.length > 0 || unfinished };
}

/** Inputs as this release reads them, so that a default added by a new release is no change. */
function normal(schema: z.ZodType, values: Record<string, unknown>): Record<string, unknown> {
  const inputs = pickInputs(schema, values);
  const parsed = schema.safeParse(inputs);
  return sanitise(parsed.success && typeof parsed.data === "object" && parsed.data !== null ? parsed.data : inputs);
}
