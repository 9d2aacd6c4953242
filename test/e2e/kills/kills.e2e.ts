// limit: 1800 s
import assert from "node:assert/strict";
import { Campaign } from "./campaign.js";
import { lifeOf } from "./changes.js";

/** How many runs are killed, at least. The long form, after every phase of every change: kills.long.ts. */
const KILLS = 40;
/** A change of the second life whose phases are passed quicker than they are killed leaves the rest to the next one. */
const KILLS_PER_CHANGE = 12;

describe("`pulumi up` is killed at any moment, and the next one goes on:", function () {
  this.bail(true);
  let campaign: Campaign;

  before(async function () {
    this.timeout(120_000);
    const seed = process.env.FLINT_SEED ?? new Date().toISOString();
    campaign = await Campaign.begin({ seed, kills: KILLS, spread: true, surely: true });
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

  it("a second life of the same machines, as far as kills are left for it", async function () {
    this.timeout(600_000);
    for (const change of lifeOf(2)) {
      if (campaign.kills >= KILLS) break;
      const found = await campaign.change(change, KILLS_PER_CHANGE);
      assert.deepEqual(found, [], `seed ${campaign.seed}, ${change.title}: ${found.join("\n")}`);
    }
  });

  it(`${KILLS} times in all, each change after several of its phases; no disk was formatted twice, no run hung`, () => {
    console.log(campaign.coverage.report());
    assert.ok(campaign.kills >= KILLS, `only ${campaign.kills} runs were killed before they ended by themselves`);
    assert.equal(campaign.doubleWipes, 0);
    assert.equal(campaign.hangs, 0);
  });
});
