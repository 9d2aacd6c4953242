import type { FileResult } from "./run-file.js";

/** One line per file; below it what failed, and loudly what was skipped. */
export function renderFile(result: FileResult): string {
  const mark = result.failures.length > 0 ? "FAILED" : "ok    ";
  const counts = renderCounts(countsOf([result]));
  return [
    `${mark} ${result.source.padEnd(62)} ${counts}  ${result.seconds.toFixed(1)} s`,
    ...result.skipped.map((title) => `       SKIPPED ${title}`),
    ...result.failures.map(({ title, message }) => `\n  ✗ ${title}\n${indent(message)}\n`),
  ].join("\n");
}

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export function countsOf(results: readonly FileResult[]): Counts {
  const sum = (of: (result: FileResult) => number) => results.reduce((total, result) => total + of(result), 0);
  return {
    passed: sum((result) => result.passed),
    failed: sum((result) => result.failures.length),
    skipped: sum((result) => result.skipped.length),
  };
}

/** "12 passed, 0 failed", and the skipped ones if there are any. */
export function renderCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

const indent = (text: string) => text.replace(/^/gm, "    ");
