import type { ClusterArgs, NodeArgs } from "../../../components/cluster/args.js";
import type { Status } from "../../../lab/simulated/schema.js";

/** How often a machine's disk was formatted, and a system installed on it, between two looks at the rack. */
export function workOn(before: Status, after: Status, machine: string): { formatted: number; installed: number } {
  const more = (what: "wipes" | "installs") => sum(after.counts[machine]?.[what]) - sum(before.counts[machine]?.[what]);
  return { formatted: more("wipes"), installed: more("installs") };
}

function sum(counts: Record<string, number> = {}): number {
  return Object.values(counts).reduce((total, each) => total + each, 0);
}

export function nodeOf(args: ClusterArgs, name: string): NodeArgs {
  const node = args.nodes[name];
  if (node === undefined) throw new TypeError(`no ${name} is declared`);
  return node;
}
