/** By cluster: nodes in whose place this engine run puts another machine or another installation, and whether they vote. */
const replaced = new Map<string, Map<string, boolean>>();
/** Those of them, as `<cluster> <node>`, whose replacement goes on where an earlier run was killed. */
const resumed = new Set<string>();

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

/**
 * An earlier run has begun to install what comes into the node's place, so that its old members had left by then. The engine
 * deletes them once more all the same: it does so for whatever depends on a resource whose replacement was not finished.
 */
export function noteResumed(cluster: string, node: string): void {
  resumed.add(`${cluster} ${node}`);
}

/** Whether that is so: what bears the node's name, machine and members, is the new one already. */
export function isResumed(cluster: string, node: string): boolean {
  return resumed.has(`${cluster} ${node}`);
}

/** Forgets what was noted (tests). */
export function forgetReplaced(): void {
  replaced.clear();
  resumed.clear();
}
