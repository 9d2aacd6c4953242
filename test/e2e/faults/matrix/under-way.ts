import type { Pair } from "./pairs.js";
import type { Findings } from "./trials.js";

/** Racks of four machines, which wait most of the time. */
const AT_ONCE = 4;

/** One rack for each pair; some are under way while the first of them is told of. */
export class UnderWay {
  private readonly trials: Promise<Findings>[] = [];

  constructor(
    private readonly pairs: readonly Pair[],
    private readonly attempt: (pair: Pair) => Promise<Findings>,
  ) {}

  /** What became of the pair at this place; those after it begin, too. */
  async findings(at: number): Promise<Findings> {
    for (const pair of this.pairs.slice(this.trials.length, at + AT_ONCE)) {
      const trial = this.attempt(pair);
      trial.catch(() => {}); // its own test tells
      this.trials.push(trial);
    }
    const trial = this.trials[at];
    if (trial === undefined) throw new Error(`there is no pair ${at}`);
    return trial;
  }
}
