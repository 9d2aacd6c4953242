import { run } from "../../lab/demo/commands.js";
import { timed } from "../measured-job.js";
import { bounded, type Measurement, median } from "../row.js";

/** A set-up with nothing left to do. */
export const measurement: Measurement = {
  names: ["setup.again-s"],
  async measure() {
    const runs: number[] = [];
    for (let i = 0; i < 3; i++) {
      runs.push(await timed(() => run("setup", ["--quiet"], { show: false, deadlineMs: 120_000 })));
    }
    return [bounded("setup.again-s", median(runs), "s", 3, runs)];
  },
};
