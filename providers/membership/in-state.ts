/** Where the provisioning host keeps what it knows of a node. */
export interface Place {
  mac: string;
  /** Directory there. */
  root: string;
}

/** By cluster: nodes whose machine the state has as finished, as its diff in this engine run tells. */
const known = new Map<string, Map<string, Place | undefined>>();

/** Told by the machine's diff, which comes before that of the cluster's health in every run. */
export function noteInState(cluster: string, node: string, place?: Place): void {
  const nodes = known.get(cluster) ?? new Map<string, Place | undefined>();
  nodes.set(node, place);
  known.set(cluster, nodes);
}

export function isInState(cluster: string, node: string): boolean {
  return known.get(cluster)?.has(node) === true;
}

/** Undefined where the node is not in the state, or does not say. */
export function placeInState(cluster: string, node: string): Place | undefined {
  return known.get(cluster)?.get(node);
}
