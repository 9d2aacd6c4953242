import { measuredJob } from "../measured-job.js";
import { type Measurement, recorded } from "../row.js";

/** From power-on until the installer answers ssh: node04 alone, and beside it the three that booted at once. */
export const measurement: Measurement = {
  names: ["installer.power-to-ssh-s"],
  async measure() {
    const { installerSeconds } = await measuredJob();
    return [recorded("installer.power-to-ssh-s", installerSeconds.node04 ?? 0, "s", Object.values(installerSeconds))];
  },
};
