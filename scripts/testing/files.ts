import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Kind, WrongArguments } from "./arguments.js";

/** One file of tests. */
export interface TestFile {
  /** Path of the source from the repository's root: `test/foundation/wait.test.ts`. */
  source: string;
  /** Seconds it may take: a line `// limit: 300 s` among its first ten, else 240. */
  limitSeconds: number;
}

const DEFAULT_LIMIT_SECONDS = 240;

/**
 * The test files under `root`/test whose path contains one of `parts` (all if there are none), the quick ones first.
 * `kind`: which of them, by the end of their names.
 * @throws WrongArguments for parts that no such file's path contains.
 */
export function findTestFiles(root: string, parts: readonly string[], kind: Kind = "test"): TestFile[] {
  const all = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" }).map((path) => join("test", path));
  const found = all
    .filter((source) => source.endsWith(`.${kind}.ts`))
    .filter((source) => parts.length === 0 || parts.some((part) => isIn(source, part)));
  const idle = parts.filter((part) => !found.some((source) => isIn(source, part)));
  if (idle.length > 0) throw new WrongArguments(idle.map((part) => nothingFor(part, kind, all)).join("\n"));
  return found
    .map((source) => ({ source, limitSeconds: limitOf(readFileSync(join(root, source), "utf8")) }))
    .sort((a, b) => a.limitSeconds - b.limitSeconds || (a.source < b.source ? -1 : 1));
}

const isIn = (source: string, part: string) => source.includes(part.replace(/^\.\//, ""));

/** How the files of each kind are run. */
const SCRIPTS: Record<Kind, string> = { test: "scripts/test", e2e: "scripts/e2e", long: "scripts/e2e --long" };
const KINDS = ["test", "e2e", "long"] as const;

function nothingFor(part: string, kind: Kind, all: readonly string[]): string {
  const elsewhere = KINDS.filter((other) =>
    all.some((source) => source.endsWith(`.${other}.ts`) && isIn(source, part)),
  );
  return elsewhere.length > 0
    ? `no file *.${kind}.ts has "${part}" in its path. There are others: ${elsewhere.map((other) => `${SCRIPTS[other]} ${part}`).join(", ")}`
    : `no test file has "${part}" in its path. Allowed is any part of a path under test/, as in: ${SCRIPTS[kind]} ${EXAMPLES[kind]}`;
}

const EXAMPLES: Record<Kind, string> = { test: "drivers/ssh", e2e: "robust/signals", long: "matrix" };

/** Files that take their time say so, and so run last: a broken unit is seen before a rack is booted. */
export function limitOf(text: string): number {
  const line = text
    .split("\n", 10)
    .map((candidate) => /^\/\/ limit: (\d+) s$/.exec(candidate))
    .find((match) => match !== null);
  return line ? Number(line[1]) : DEFAULT_LIMIT_SECONDS;
}

/** Where tsc put it. */
export const compiled = (source: string): string => join("dist", source.replace(/\.ts$/, ".js"));
