const warned = new Set<string>();

const key = (self: string | undefined, found: readonly string[]) => JSON.stringify([self, found]);

/** Notes that a refresh has warned of what it found changed on a host. @param self URN of the resource. */
export function noteWarned(self: string | undefined, found: readonly string[]): void {
  warned.add(key(self, found));
}

/** Whether this run has said just that already: after a refresh the engine compares as it does in a preview. */
export function wasWarned(self: string | undefined, found: readonly string[]): boolean {
  return warned.has(key(self, found));
}
