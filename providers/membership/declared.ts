/** Service → member id → API URL. */
export interface RaftUrls {
  chainfire: Record<string, string>;
  flaredb: Record<string, string>;
}

/** By cluster: how the raft services are reached, by all voters that this engine run declares. */
const declared = new Map<string, RaftUrls>();

/**
 * Told by each voter's check, which every `up` and every preview ask for before anything is deleted, and no `destroy`; with
 * `--target`, of the targets alone.
 */
export function noteDeclared(cluster: string, { chainfire, flaredb }: RaftUrls): void {
  const known = declared.get(cluster);
  declared.set(cluster, {
    chainfire: { ...known?.chainfire, ...chainfire },
    flaredb: { ...known?.flaredb, ...flaredb },
  });
}

/** Undefined where no voter of the cluster is declared in this run: then it ends as a whole, or none is among the run's targets. */
export function declaredRaft(cluster: string): RaftUrls | undefined {
  return declared.get(cluster);
}

/** Forgets what was noted (tests). */
export function forgetDeclared(): void {
  declared.clear();
}
