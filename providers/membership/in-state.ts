/** By cluster: nodes whose machine the state has as finished, as its diff in this engine run tells, and where their records are. */
const known = new Map<string, Map<string, string | undefined>>();

/**
 * Told by the machine's diff, which comes before that of the cluster's health in every run.
 * @param root The directory on the provisioning host that holds the node's record.
 */
export function noteInState(cluster: string, node: string, root?: string): void {
  const nodes = known.get(cluster) ?? new Map<string, string | undefined>();
  nodes.set(node, root);
  known.set(cluster, nodes);
}

export function isInState(cluster: string, node: string): boolean {
  return known.get(cluster)?.has(node) === true;
}

/** Undefined where the node is not in the state, or does not say. */
export function rootInState(cluster: string, node: string): string | undefined {
  return known.get(cluster)?.get(node);
}
