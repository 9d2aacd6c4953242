import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { COMING } from "../../../../lab/simulated/moments.js";
import type { Outcome } from "./judge.js";
import { nameOf } from "./pairs.js";

/** Fault × moment → what became of it, as a table of Markdown, and each error as it was told. */
export function renderFindings(outcomes: readonly Outcome[]): string {
  const errors = outcomes.flatMap(({ pair, told }) =>
    told === undefined ? [] : [`- \`${nameOf(pair)}\` at ${pair.moment}: ${told}`],
  );
  return [renderTable(outcomes), "", ...errors.sort()].join("\n");
}

/** The table alone. */
export function renderTable(outcomes: readonly Outcome[]): string {
  const moments = (["before", ...COMING] as const).filter((moment) =>
    outcomes.some(({ pair }) => pair.moment === moment),
  );
  const rows = new Map<string, Map<string, string>>();
  for (const { pair, end } of outcomes) {
    const row = rows.get(nameOf(pair)) ?? new Map<string, string>();
    rows.set(nameOf(pair), row.set(pair.moment, end === "overcome" ? end : `\`${end}\``));
  }
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(["fault", ...moments]),
    line(["---", ...moments.map(() => "---")]),
    ...[...rows].sort().map(([name, row]) => line([`\`${name}\``, ...moments.map((moment) => row.get(moment) ?? "")])),
  ].join("\n");
}

/** Where the tables of the last run are: below dist/fault-matrix. */
export function keepTable(name: string, text: string): void {
  const file = resolve(__dirname, "../../../../fault-matrix", `${name}.md`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${text}\n`);
}
