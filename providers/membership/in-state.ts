/** By cluster: nodes whose machine the state has as finished, as its diff in this engine run tells. */
const known = new Map<string, Set<string>>();

/** Told by the machine's diff, which comes before that of the cluster's health in every run. */
export function noteInState(cluster: string, node: string): void {
  const nodes = known.get(cluster) ?? new Set<string>();
  nodes.add(node);
  known.set(cluster, nodes);
}

export function isInState(cluster: string, node: string): boolean {
  return known.get(cluster)?.has(node) === true;
}
