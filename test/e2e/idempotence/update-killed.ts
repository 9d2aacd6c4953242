import assert from "node:assert/strict";
import type { LaunchedRack } from "../../../lab/simulated/launch.js";
import type { Job, Operator, Properties } from "./operator.js";
import type { Watch } from "./sights.js";
import { content, type Update } from "./updates.js";

interface Surroundings {
  rack: LaunchedRack;
  operator: Operator;
  watch: Watch;
  /** Each kill both on the way to the other inputs and on the way back; else in turn. */
  bothWays: boolean;
}

interface Way {
  news: Properties;
  /** What an update that nobody kills leaves. */
  seen: unknown;
}

/**
 * Updates the resource to the other inputs and back, killed before one of its commands; then again, as the next run does, which
 * has the same old state; and a third time.
 * @returns how often it was killed.
 */
export async function updateKilled(update: Update, around: Surroundings): Promise<number> {
  const { rack, operator, watch, bothWays } = around;
  const { folder, id, inputs, outputs } = operator.resource(update.resource);
  const { machines } = await watch.see();
  let olds = outputs;
  let kills = 0;
  const job = (news: Properties): Job => ({ folder, operation: "update", id, olds, inputs: news });
  const run = async (news: Properties) => (await operator.run(job(news))).results[0]?.outs ?? {};
  const see = async () => [update.same(olds), update.owns && (await content(rack, update.owns))];
  /** Once more, and what a stack finds that lost its state. */
  const again = async (news: Properties, after: string) => {
    const before = await watch.changes();
    const lost: Job[] = update.lost ? [{ folder, operation: "create", inputs: update.lost.inputs(news, inputs) }] : [];
    const { results } = await operator.run(job(news), ...lost);
    assert.deepEqual(update.same(results[0]?.outs ?? {}), update.same(olds), `again ${after}`);
    update.lost?.expect(results[1]?.outs ?? {}, olds, news);
    assert.deepEqual(await watch.changes(), before, `again ${after}: nothing is missing`);
  };
  const ways: Way[] = [];
  for (const news of [update.other(inputs, rack), inputs]) {
    olds = await run(news);
    ways.push({ news, seen: await see() });
  }
  assert.notDeepEqual(ways[0]?.seen, ways[1]?.seen, "the update changes something");
  for (let turn = 0, killed = true; killed; turn++) {
    const at = 1 + turn * update.every;
    killed = false;
    for (const { news, seen } of bothWays ? ways : ways.slice(turn % 2, (turn % 2) + 1)) {
      const wasKilled = await operator.runKilled(job(news), at);
      olds = await run(news);
      killed ||= wasKilled;
      kills += Number(wasKilled);
      // One that came to its end, and of which the state learned nothing, is the last of them.
      const after = `after a kill before command ${at}`;
      assert.deepEqual(await see(), seen, after);
      await again(news, after);
    }
  }
  await run(inputs);
  assert.deepEqual((await watch.see()).machines, machines, "no machine is touched");
  return kills;
}
