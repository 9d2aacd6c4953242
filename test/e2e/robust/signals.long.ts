// limit: 14400 s
import assert from "node:assert/strict";
import { Campaign } from "../kills/campaign.js";
import { lifeOf } from "../kills/changes.js";

const SIGNALS = ["SIGINT to the group", "SIGTERM to the CLI"] as const;
/** A run that is interrupted needs a moment, in which machines go on: phases that are passed then have their turn in a later life. */
const LIVES = Number(process.env.FLINT_LIVES ?? 8);
/** Phases that only some runs have, as a retry, and that may not come again for a run to be interrupted after. */
const RARE = 3;

for (const signal of SIGNALS) {
  describe(`\`pulumi up\` and \`pulumi destroy\` are interrupted after every phase of every change, by ${signal}:`, function () {
    this.timeout(7_000_000);
    let campaign: Campaign;

    before(async () => {
      const seed = process.env.FLINT_SEED ?? new Date().toISOString();
      campaign = await Campaign.begin({ seed, kills: Number.POSITIVE_INFINITY, endings: [signal], randomly: 0 });
    });
    after(() => campaign?.end());

    for (let life = 1; life <= LIVES; life++) {
      it(`life ${life} of the cluster: each ends within 5 s and leaves no process behind, and in the end all is as declared`, async () => {
        if (life > 1 && campaign.coverage.allOpen().length <= RARE) return;
        // One wrong end does not keep what comes after it from being looked at.
        const wrong: string[] = [];
        for (const change of lifeOf(life)) {
          const found = await campaign.change(change);
          if (found.length > 0) wrong.push(`seed ${campaign.seed}, ${change.title}:`, ...found);
          if (found.length > 0) console.log(found.join("\n"));
          const left = campaign.coverage.open(change.title);
          console.log(`life ${life}, ${change.title}: ${campaign.kills} so far, ${left.length} phases left`, ...left);
        }
        assert.equal(wrong.length, 0, wrong.join("\n"));
      });
    }

    it("hardly a phase is left, no disk was formatted twice, no run hung", () => {
      const { seed, kills, coverage } = campaign;
      console.log(`seed ${seed}: ${kills} interrupted runs\n${coverage.report()}`);
      assert.equal(campaign.doubleWipes, 0);
      assert.equal(campaign.hangs, 0);
      assert.ok(coverage.allOpen().length <= RARE, coverage.allOpen().join("\n"));
    });
  });
}
