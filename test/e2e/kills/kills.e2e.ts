// limit: 1800 s
import assert from "node:assert/strict";
import { Campaign } from "./campaign.js";
import { lifeOf } from "./changes.js";

/** How many runs are killed. The long form, after every phase of every change: kills.long.ts. */
const KILLS = 40;

describe("`pulumi up` is killed at any moment, and the next one goes on:", function () {
  this.bail(true);
  let campaign: Campaign;

  before(async function () {
    this.timeout(60_000);
    const seed = process.env.FLINT_SEED ?? new Date().toISOString();
    campaign = await Campaign.begin({ seed, kills: KILLS, spread: true });
  });
  after(() => campaign?.end());

  for (const [i, change] of lifeOf(1).entries()) {
    it(change.title, async function () {
      this.timeout(600_000);
      // A share, and a third more: some changes end before they have had theirs.
      const share = (KILLS - campaign.kills) / (lifeOf(1).length - i);
      const found = await campaign.change(change, Math.ceil(1.3 * share));
      assert.deepEqual(found, [], `seed ${campaign.seed}: ${found.join("\n")}`);
    });
  }

  it(`${KILLS} times in all, or nearly; each change after several of its phases`, () => {
    console.log(campaign.coverage.report());
    assert.equal(campaign.hangs, 0);
    assert.ok(campaign.kills >= 0.8 * KILLS, `only ${campaign.kills} runs were killed before they ended by themselves`);
  });
});
