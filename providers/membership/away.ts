/**
 * Voters that have left their cluster in this process and come back to it in the same run: machines that are replaced. All
 * resources of a stack share the process; another run knows nothing of them.
 */
const away = new Map<string, Set<string>>();

/** The voter has left a service. */
export function hasLeft(cluster: string, service: string, node: string): void {
  const names = away.get(keyOf(cluster, service)) ?? new Set();
  away.set(keyOf(cluster, service), names.add(node));
}

/** The voter is back, or will not come back in this run. */
export function noLongerAway(cluster: string, service: string, node: string): void {
  away.get(keyOf(cluster, service))?.delete(node);
}

/** Who of these is away. */
export function whoIsAway(cluster: string, service: string, nodes: readonly string[]): string[] {
  const names = away.get(keyOf(cluster, service));
  return nodes.filter((node) => names?.has(node) === true);
}

const keyOf = (cluster: string, service: string) => `${cluster} ${service}`;
