/** How many of one kind were under way at once, at most. */
export class Peak {
  most = 0;
  private now = 0;

  /** One begins. @returns what to call when it is over. */
  enter(): () => void {
    this.now += 1;
    this.most = Math.max(this.most, this.now);
    return () => {
      this.now -= 1;
    };
  }

  /** The same function, counted while it runs. */
  counting<A extends unknown[], T>(work: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
    return async (...args) => {
      const leave = this.enter();
      try {
        return await work(...args);
      } finally {
        leave();
      }
    };
  }
}
