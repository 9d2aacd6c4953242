import { z } from "zod";
import { closest } from "./closest.js";
import { type Problem, pathText, shown } from "./problem.js";
import { clusterSchema, type FormatIssue } from "./schema.js";

/** Problems of shape and format: unknown and missing keys, values of the wrong kind. */
export function structureProblems(raw: unknown, found: readonly z.core.$ZodIssue[]): Problem[] {
  const issues = found.flatMap((issue) => (issue.code === "invalid_union" ? ofTheMeant(raw, issue) : issue));
  const mistyped = new Set<string>();
  const problems = issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [];
    return issue.keys.map((key) => unknownKey(issue.path, key, valueAt(raw, [...issue.path, key]), mistyped));
  });
  for (const issue of issues) {
    if (issue.code === "unrecognized_keys") continue;
    const path = pathText(issue.path);
    const value = valueAt(raw, issue.path);
    // `macc` instead of `mac` is one mistake, not two.
    if (value === undefined && mistyped.has(path)) continue;
    const { allowed, remedy, ofKey } = expectation(issue);
    const found = ofKey ? JSON.stringify(issue.path.at(-1)) : shown(value, issue.path);
    problems.push({ path, found, allowed, remedy });
  }
  return problems;
}

/** What is wrong with a provisioning host as the kind that it is: the first is this machine, the second reached by ssh. */
function ofTheMeant(raw: unknown, { errors, path }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] {
  const value = valueAt(raw, path);
  const isLocal = typeof value === "object" && value !== null && "local" in value;
  const meant = errors[isLocal ? 0 : 1] ?? [];
  return meant.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
}

function unknownKey(parent: readonly PropertyKey[], key: string, value: unknown, mistyped: Set<string>): Problem {
  const known = keysAt(parent);
  const elsewhere = known.includes(key);
  const meant = elsewhere ? undefined : closest(key, known);
  if (meant !== undefined) mistyped.add(pathText([...parent, meant]));
  return {
    path: pathText([...parent, key]),
    found: "unknown key",
    allowed: known.join(", "),
    remedy: elsewhere ? "Remove it: it does not go with the other keys here." : remedyFor(parent, value, meant),
  };
}

function remedyFor(parent: readonly PropertyKey[], value: unknown, meant: string | undefined): string {
  if (meant !== undefined) return `Did you mean ${meant}?`;
  const isNode = parent[0] === "nodes" && parent.length === 2;
  const likeNode = typeof value === "object" && value !== null && ("mac" in value || "profile" in value);
  if (isNode && likeNode) return `It looks like a machine of its own: indent it as ${String(parent[1])}.`;
  return "Remove it.";
}

function expectation(issue: z.core.$ZodIssue): { allowed: string; remedy: string; ofKey?: boolean } {
  if (issue.code === "custom" && isFormatIssue(issue.params)) {
    const { allowed, remedy, key } = issue.params;
    return { allowed, remedy, ofKey: key === true };
  }
  if (issue.code === "invalid_type" && issue.expected === "object") {
    return { allowed: `a table with the keys ${keysAt(issue.path).join(", ")}`, remedy: "Add or correct it." };
  }
  if (issue.code === "invalid_type" && issue.expected === "record") {
    return { allowed: "a table of names and values", remedy: "Add or correct it." };
  }
  if (issue.code === "invalid_type" && issue.expected === "array") {
    return { allowed: "a list", remedy: "Write [one, two], or one entry per line after a hyphen." };
  }
  if (issue.code === "too_small") return { allowed: "at least one entry", remedy: "Add one." };
  return { allowed: issue.message, remedy: "Correct it." };
}

function isFormatIssue(params: unknown): params is FormatIssue & { key?: boolean } {
  return typeof params === "object" && params !== null && "allowed" in params && "remedy" in params;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** The keys that the schema knows at a path. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  let schemas = alternatives(clusterSchema);
  for (const key of path) {
    schemas = schemas.flatMap((schema) => {
      if (schema instanceof z.ZodObject) return alternatives(schema.shape[String(key)]);
      if (schema instanceof z.ZodRecord) return alternatives(schema.valueType);
      return schema instanceof z.ZodArray ? alternatives(schema.element) : [];
    });
  }
  return schemas.flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : []));
}

function alternatives(schema: unknown): unknown[] {
  const own = inner(schema);
  return own instanceof z.ZodUnion ? own.options.map(inner) : [own];
}

/** The schema below optional, default and transforming wrappers. */
function inner(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return inner(schema.unwrap());
  }
  return schema instanceof z.ZodPipe && !(schema.out instanceof z.ZodTransform) ? inner(schema.out) : schema;
}
