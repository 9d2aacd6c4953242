import { Campaign } from "../../test/e2e/kills/campaign.js";
import { lifeOf } from "../../test/e2e/kills/changes.js";
import { bounded, floored, type Measurement, type Row, recorded } from "../row.js";

/** FLINT_KILLS=300 is the long form: it takes about an hour. */
const KILLS = Number(process.env.FLINT_KILLS ?? 40);
/** Few kills are spread over one life; many are made after every phase first. */
const SPREAD = KILLS < 200;
const LIVES = Math.ceil(KILLS / 20);

/** How often runs were killed, and what came of it. */
export const measurement: Measurement = {
  names: ["faults.kills", "faults.phases", "faults.double-wipes", "faults.hangs", "faults.wrong-ends"],
  async measure(): Promise<Row[]> {
    const seed = process.env.FLINT_SEED ?? new Date().toISOString();
    const campaign = await Campaign.begin({ seed, kills: KILLS, spread: SPREAD });
    let wrong = 0;
    try {
      for (let life = 1; life <= LIVES && campaign.kills < KILLS; life++) {
        for (const change of lifeOf(life)) {
          const found = await campaign.change(change, SPREAD ? 8 : 60);
          if (found.length > 0)
            console.error(`seed ${campaign.seed}, life ${life}, ${change.title}: ${found.join("\n")}`);
          wrong += found.length;
        }
      }
    } finally {
      await campaign.end();
    }
    return [
      floored("faults.kills", campaign.kills, "", KILLS),
      recorded("faults.phases", campaign.coverage.covered(), ""),
      bounded("faults.double-wipes", campaign.doubleWipes, "", 0),
      bounded("faults.hangs", campaign.hangs, "", 0),
      bounded("faults.wrong-ends", wrong, "", 0),
    ];
  },
};
