import { measuredJob } from "../measured-job.js";
import { bounded, type Measurement } from "../row.js";

/** What one more voter costs in Pulumi's state, and in the provider process. */
export const measurement: Measurement = {
  names: ["state.kb-per-node", "state.resources-per-node", "provider.rss-mb"],
  async measure() {
    const job = await measuredJob();
    return [
      bounded("state.kb-per-node", (job.stateBytes.four - job.stateBytes.three) / 1024, "KiB", 20),
      bounded("state.resources-per-node", job.voterResources, "resources of a voter", 7),
      bounded("provider.rss-mb", job.providerMb, "MiB", 250),
    ];
  },
};
