// limit: 7200 s
import assert from "node:assert/strict";
import { Campaign } from "./campaign.js";
import { lifeOf } from "./changes.js";

/** How many runs are killed at least: right after every phase of every change, and at random. */
const KILLS = Number(process.env.FLINT_KILLS ?? 300);
/** In each life of the cluster, phases that no run was killed after in an earlier one come first. */
const LIVES = 12;
/** Phases that only some runs have, as a retry, and that may not come again for a run to be killed after. */
const RARE = 3;
/** Kills of one change, once all its phases are covered. */
const KILLS_PER_CHANGE = 70;

describe(`\`pulumi up\` is killed after every phase of every change, and ${KILLS} times at least:`, function () {
  this.timeout(7_000_000);
  let campaign: Campaign;
  const isEnough = () => campaign.kills >= KILLS && campaign.coverage.allOpen().length <= RARE;
  const isOver = (life: number) => life > 1 && isEnough();

  before(async () => {
    const seed = process.env.FLINT_SEED ?? new Date().toISOString();
    campaign = await Campaign.begin({ seed, kills: Number.POSITIVE_INFINITY });
  });
  after(() => campaign?.end());

  for (let life = 1; life <= LIVES; life++) {
    it(`life ${life} of the cluster`, async () => {
      if (isOver(life)) return;
      // One wrong end does not keep what comes after it from being looked at.
      const wrong: string[] = [];
      for (const change of lifeOf(life)) {
        const found = await campaign.change(change, KILLS_PER_CHANGE);
        if (found.length > 0) wrong.push(`seed ${campaign.seed}, ${change.title}:`, ...found);
        if (found.length > 0) console.log(found.join("\n"));
        const left = campaign.coverage.open(change.title);
        console.log(
          `life ${life}, ${change.title}: ${campaign.kills} kills so far, ${left.length} phases left`,
          ...left,
        );
      }
      assert.equal(wrong.length, 0, wrong.join("\n"));
    });
  }

  it("hardly a phase is left, no disk was formatted twice, no run hung", () => {
    console.log(`seed ${campaign.seed}: ${campaign.kills} kills\n${campaign.coverage.report()}`);
    assert.ok(campaign.coverage.allOpen().length <= RARE, campaign.coverage.allOpen().join("\n"));
    assert.equal(campaign.doubleWipes, 0);
    assert.equal(campaign.hangs, 0);
    assert.ok(campaign.kills >= KILLS, `${campaign.kills} kills`);
  });
});
