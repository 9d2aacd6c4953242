/** By cluster: nodes in whose place this engine run puts another machine or another installation, and whether they vote. */
const replaced = new Map<string, Map<string, boolean>>();

/** Told by the machine's diff, which comes before that of the cluster's health in every run. */
export function noteReplaced(cluster: string, node: string, voter: boolean): void {
  const nodes = replaced.get(cluster) ?? new Map<string, boolean>();
  nodes.set(node, voter);
  replaced.set(cluster, nodes);
}

/** Whether any is. */
export function anyReplaced(cluster: string): boolean {
  return replaced.has(cluster);
}

/** Those that vote, in the order in which they were noted. */
export function replacedVoters(cluster: string): string[] {
  return [...(replaced.get(cluster) ?? [])].flatMap(([node, voter]) => (voter ? [node] : []));
}

/** Forgets what was noted (tests). */
export function forgetReplaced(): void {
  replaced.clear();
}
