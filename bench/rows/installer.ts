import { measuredJob } from "../measured-job.js";
import { type Measurement, recorded } from "../row.js";

/** From power-on until the installer answers ssh: node04 alone, and beside it the three that booted at once. */
export const measurement: Measurement = {
  names: ["installer.power-to-ssh-s"],
  async measure() {
    const { installerSeconds } = await measuredJob();
    const alone = installerSeconds.node04;
    if (alone === undefined) throw new Error("the state tells no time of node04's installer");
    return [recorded("installer.power-to-ssh-s", alone, "s", Object.values(installerSeconds))];
  },
};
