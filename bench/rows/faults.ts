import { Campaign } from "../../test/e2e/kills/campaign.js";
import { lifeOf } from "../../test/e2e/kills/changes.js";
import { bounded, type Measurement, type Row, recorded } from "../row.js";

/** FLINT_KILLS=300 is the long form: it takes more than an hour. */
const KILLS = Number(process.env.FLINT_KILLS ?? 40);
/** Of a life's changes some end before they are killed as often as they may be: 20 are killed at least. */
const LIVES = Math.ceil(KILLS / 20);

/** How often runs were killed, and what came of it. */
export const measurement: Measurement = {
  names: ["faults.kills", "faults.double-wipes", "faults.hangs", "faults.wrong-ends"],
  async measure(): Promise<Row[]> {
    const campaign = await Campaign.begin(process.env.FLINT_SEED ?? new Date().toISOString(), KILLS);
    let wrong = 0;
    try {
      for (let life = 1; life <= LIVES && campaign.kills < KILLS; life++) {
        for (const change of lifeOf(life)) {
          const found = await campaign.change(change);
          if (found.length > 0)
            console.error(`seed ${campaign.seed}, life ${life}, ${change.title}: ${found.join("\n")}`);
          wrong += found.length;
        }
      }
    } finally {
      await campaign.end();
    }
    return [
      recorded("faults.kills", campaign.kills, ""),
      bounded("faults.double-wipes", campaign.doubleWipes, "", 0),
      bounded("faults.hangs", campaign.hangs, "", 0),
      bounded("faults.wrong-ends", wrong, "", 0),
    ];
  },
};
