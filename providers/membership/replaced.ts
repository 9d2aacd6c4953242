/** Clusters of which this engine run puts another machine in a member's place. */
const replaced = new Set<string>();

/** Told by the machine's diff, which comes before that of the cluster's health in every run. */
export function noteReplaced(cluster: string): void {
  replaced.add(cluster);
}

export function wasReplaced(cluster: string): boolean {
  return replaced.has(cluster);
}
