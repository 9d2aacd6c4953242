const known = new Set<string>();

/** The state has keys of this resource. */
export function noteKnown(self: string): void {
  known.add(self);
}

/** True when new keys are wanted although there are some: what is kept of them is not to be used. */
export function isReplaced(self: string | undefined): boolean {
  return self !== undefined && known.has(self);
}
