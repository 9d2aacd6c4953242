import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** `e2e`: those that bring up whole racks and run one at a time; `long`: the same, but of their own accord only, not in CI. */
export type Kind = "test" | "e2e" | "long";

/** One file of tests. */
export interface TestFile {
  /** Path of the source from the repository's root: `test/foundation/wait.test.ts`. */
  source: string;
  /** Seconds it may take: a line `// limit: 300 s` among its first ten, else 120. */
  limitSeconds: number;
}

const DEFAULT_LIMIT_SECONDS = 120;

/**
 * The test files under `root`/test whose path contains one of `parts` (all if there are none), the quick ones first.
 * `kind`: which of them, by the end of their names.
 */
export function findTestFiles(root: string, parts: readonly string[], kind: Kind = "test"): TestFile[] {
  return readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(`.${kind}.ts`))
    .map((path) => join("test", path))
    .filter((source) => parts.length === 0 || parts.some((part) => source.includes(part.replace(/^\.\//, ""))))
    .map((source) => ({ source, limitSeconds: limitOf(readFileSync(join(root, source), "utf8")) }))
    .sort((a, b) => a.limitSeconds - b.limitSeconds || (a.source < b.source ? -1 : 1));
}

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
