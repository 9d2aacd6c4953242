/** A member that left before this run, and that nothing in it has join again: milliseconds for it to be back all the same. */
export const LEFT_MS = 30_000;

/** How long the check goes on. What starts slowly has all of its time; for what will not come nobody waits that long. */
export class Patience {
  private leftSince: number | undefined;
  private end: number;

  /** @param healthMs Milliseconds, as declared. */
  constructor(private readonly healthMs: number) {
    this.end = healthMs;
  }

  /** Milliseconds from the begin of the check. */
  get deadlineMs(): number {
    return this.end;
  }

  /**
   * Told after each look.
   * @param hasLeft Whether a member that has left is still seen to be none; undefined where a service has no leader to tell. One
   *   is waited for as long as is declared, and the half minute goes on meanwhile.
   * @param atMs Milliseconds since the begin of the check.
   */
  looked(hasLeft: boolean | undefined, atMs: number): void {
    if (hasLeft === true) this.leftSince ??= atMs;
    if (hasLeft === false) this.leftSince = undefined;
    const since = hasLeft === true ? this.leftSince : undefined;
    this.end = since === undefined ? this.healthMs : Math.min(this.healthMs, since + LEFT_MS);
  }
}
