import { measuredJob } from "../measured-job.js";
import { bounded, type Measurement, median } from "../row.js";
import { trivialPreviews } from "../trivial-program.js";

/** A no-op preview of the dev stack, against the engine's own cost for as many resources that do nothing. */
export const measurement: Measurement = {
  names: ["preview.noop-ratio"],
  async measure() {
    const job = await measuredJob();
    const floor = await trivialPreviews(job.resources, job.noopPreviews.length);
    const ratio = median(job.noopPreviews) / median(floor);
    return [bounded("preview.noop-ratio", ratio, "×", 1.3, [...job.noopPreviews, ...floor])];
  },
};
