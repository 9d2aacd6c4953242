import { measuredJob } from "../measured-job.js";
import { bounded, type Measurement, recorded } from "../row.js";

/** How much of `pulumi up` is more than the slowest machine's own way from power-on to healthy services. */
export const measurement: Measurement = {
  names: ["up.critical-path-ratio", "up.wall-s", "expand.critical-path-ratio", "expand.wall-s", "demo.wall-s"],
  async measure() {
    const job = await measuredJob();
    const born = Math.max(...["node01", "node02", "node03"].map((node) => job.chains[node] ?? 0));
    const joined = job.chains.node04 ?? 0;
    return [
      bounded("up.critical-path-ratio", job.upSeconds / born, "×", 1.15),
      bounded("expand.critical-path-ratio", job.expandSeconds / joined, "×", 1.2),
      recorded("up.wall-s", job.upSeconds, "s"),
      recorded("expand.wall-s", job.expandSeconds, "s"),
      recorded("demo.wall-s", job.rackSeconds + job.upSeconds, "s"),
    ];
  },
};
