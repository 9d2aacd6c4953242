import { hash } from "node:crypto";
import type { Properties } from "./sanitise.js";

/** Output that stands for inputs which the state keeps only once: input → digest. */
export const DIGESTS = "digests";

/** 72 bits of SHA-256 over the value as JSON with sorted keys: enough to see a change, too little to be a checksum. */
export function digestOfValue(value: unknown): string {
  return hash("sha256", JSON.stringify(sorted(value)) ?? "undefined", "base64url").slice(0, 12);
}

/** What of an input counts when old and new are compared. Default: all of it. */
export type Compare = Readonly<Record<string, ((value: unknown) => unknown) | undefined>>;

/** The digest of each of `keys`, or undefined when there are none. Absent inputs have none. */
export function digestsOf(
  inputs: Properties,
  keys: readonly string[],
  compare: Compare = {},
): Record<string, string> | undefined {
  if (keys.length === 0) return undefined;
  const there = keys.filter((key) => inputs[key] !== undefined);
  return Object.fromEntries(
    there.map((key) => [key, digestOfValue((compare[key] ?? ((value) => value))(inputs[key]))]),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
