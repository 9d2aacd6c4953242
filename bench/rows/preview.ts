import { measuredJob } from "../measured-job.js";
import { bounded, type Measurement, median } from "../row.js";

/** A no-op preview of the dev stack, against the engine's own cost for as many resources that do nothing. */
export const measurement: Measurement = {
  names: ["preview.noop-ratio"],
  async measure() {
    const { noopPreviews, trivialPreviews } = await measuredJob();
    // Turn by turn: both of one turn had the same machine under them.
    const ratio = median(noopPreviews.map((seconds, turn) => seconds / (trivialPreviews[turn] ?? Number.NaN)));
    return [bounded("preview.noop-ratio", ratio, "×", 1.3, [...noopPreviews, ...trivialPreviews])];
  },
};
