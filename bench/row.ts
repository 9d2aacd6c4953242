import { z } from "zod";

/** One measured figure. */
export const rowSchema = z.object({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  /** "≤ 1.15"; empty when the figure is for the record. */
  goal: z.string(),
  /** Null without a goal. */
  ok: z.boolean().nullable(),
  /** The single measurements that `value` was made of. */
  runs: z.array(z.number()),
});
export type Row = z.infer<typeof rowSchema>;

/** A file under `rows/` exports one of these as `measurement`, or several as `measurements`. */
export interface Measurement {
  /** Names of the rows, so that a run can be narrowed before anything is measured. */
  names: string[];
  measure(): Promise<Row[]>;
}

/** A row whose value must not be above `atMost`. */
export function bounded(name: string, value: number, unit: string, atMost: number, runs = [value]): Row {
  return { name, value: round(value), unit, goal: `≤ ${atMost}`, ok: value <= atMost, runs: runs.map(round) };
}

/** A row whose value must not be below `atLeast`. */
export function floored(name: string, value: number, unit: string, atLeast: number, runs = [value]): Row {
  return { name, value: round(value), unit, goal: `≥ ${atLeast}`, ok: value >= atLeast, runs: runs.map(round) };
}

/** A row without a goal. */
export function recorded(name: string, value: number, unit: string, runs = [value]): Row {
  return { name, value: round(value), unit, goal: "", ok: null, runs: runs.map(round) };
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
