import { createHash } from "node:crypto";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/**
 * Random numbers from a seed. Each machine has its own (`fork`), so that what happens to one does not depend on how often
 * another was asked.
 */
export class Random {
  private readonly generator;

  constructor(private readonly seed: string) {
    this.generator = xoroshiro128plus(createHash("sha256").update(seed).digest().readInt32LE());
  }

  /** An independent sequence with a name of its own. */
  fork(name: string): Random {
    return new Random(`${this.seed}/${name}`);
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return uniformInt(this.generator, least, most);
  }

  /** True with this probability, from 0 to 1. */
  chance(probability: number): boolean {
    return this.between(0, 999_999) < probability * 1_000_000;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.between(0, choices.length - 1)] ?? choices[0];
  }
}
