import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { type Compare, DIGESTS, digestsOf } from "./digest.js";
import { inputKeys, pickInputs, sanitise } from "./sanitise.js";
import { without } from "./shared.js";
import { holdsUnknown } from "./unknown.js";

export interface DiffResult {
  changes: boolean;
  replaces?: string[];
  deleteBeforeReplace?: boolean;
}

export interface DiffQuestion {
  schema: z.ZodType;
  /** Old outputs (the engine sends those): they echo the old inputs, or hold their digests. */
  olds: Record<string, unknown>;
  news: Record<string, unknown>;
  /** Inputs that may be missing on both sides: the provider has them. */
  shared?: readonly string[];
  /** Inputs of which the old outputs hold a digest only. */
  digested?: readonly string[];
  replaceOn: readonly string[];
  /** Inputs of which a part replaces when it changes: input → that part. */
  replaceOnPart?: Compare;
  ignore: readonly string[];
  /** What of an input counts, where that is not all of it. */
  compare?: Compare;
  /** Earlier work did not finish: there is something to do although no input changed. */
  unfinished: boolean;
}

interface Comparison {
  /** Without the inputs that are as they were. */
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  /** Names of the inputs that are not as they were. */
  changed: string[];
}

/**
 * Compares inputs deeply. A value that is not known yet is a change but never a replacement: the engine asks every
 * dependent with unknowns in place when a resource is replaced, and a PXE server must not take the nodes with it.
 */
export function diffInputs(question: DiffQuestion): DiffResult {
  const { replaceOn, replaceOnPart = {}, unfinished } = question;
  const { before, after, changed } = compareInputs(question);
  const replaces = changed.filter((key) => {
    if (holdsUnknown(after[key])) return false;
    const part = replaceOnPart[key];
    if (replaceOn.includes(key)) return true;
    // What an older release did not store is no reason to replace anything.
    const [old, now] = [part?.(before[key]), part?.(after[key])];
    return old !== undefined && !isDeepStrictEqual(old, now);
  });
  if (replaces.length > 0) return { changes: true, replaces, deleteBeforeReplace: true };
  return { changes: changed.length > 0 || unfinished };
}

/** Names of the inputs that are not as they were. */
export function changedInputs(question: DiffQuestion): string[] {
  return compareInputs(question).changed;
}

function compareInputs(question: DiffQuestion): Comparison {
  const { olds, news, shared = [], digested = [], ignore, compare = {} } = question;
  const schema = without(question.schema, asBefore(question));
  const after = normal(schema, news, shared);
  const before = normal(without(schema, digested), olds, shared);
  const digests = { before: objectOf(olds[DIGESTS]), after: objectOf(digestsOf(after, digested, compare)) };
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after), ...Object.keys(digests.before)])].filter(
    (key) => {
      if (key === "self" || ignore.includes(key)) return false;
      if (digested.includes(key)) return digests.before[key] !== digests.after[key];
      const counts = compare[key] ?? ((value) => value);
      return !isDeepStrictEqual(counts(before[key]), counts(after[key]));
    },
  );
  return { before, after, changed };
}

/** Inputs that need not be read: the state has them as they are declared. Of hundreds of machines that is nearly all of them. */
function asBefore({ schema, olds, news, digested = [] }: DiffQuestion): string[] {
  const keys = inputKeys(schema) ?? [];
  return keys.filter((key) => !digested.includes(key) && isDeepStrictEqual(olds[key], news[key]));
}

/** Inputs as this release reads them, so that a default added by a new release is no change. */
function normal(
  schema: z.ZodType,
  values: Record<string, unknown>,
  shared: readonly string[],
): Record<string, unknown> {
  const own = without(
    schema,
    shared.filter((key) => values[key] === undefined),
  );
  const inputs = pickInputs(own, values);
  const parsed = own.safeParse(inputs);
  return sanitise(parsed.success && typeof parsed.data === "object" && parsed.data !== null ? parsed.data : inputs);
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
