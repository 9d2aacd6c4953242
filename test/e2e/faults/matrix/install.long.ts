// limit: 7200 s
import assert from "node:assert/strict";
import type { Outcome } from "./judge.js";
import { pairsOf, shares } from "./pairs.js";
import { keepTable, renderFindings } from "./table.js";
import { tryInstalling } from "./trials.js";

const SEED = process.env.FLINT_SEED ?? "1";
const PER_RACK = 25;

describe(`every fault of a machine and of its BMC, from each moment of its installation on (seed ${SEED}),`, () => {
  const outcomes: Outcome[] = [];
  const racks = shares(pairsOf("install", ["machine", "bmc"]), PER_RACK);

  for (const [at, pairs] of racks.entries()) {
    it(`is overcome, or told once and mended: ${pairs.length} of them, rack ${at + 1} of ${racks.length}`, async function () {
      this.timeout(1_200_000);
      const found = await tryInstalling(pairs, `${SEED}/${at}`);
      outcomes.push(...found.outcomes);
      keepTable("install", renderFindings(outcomes));
      assert.deepEqual(found.problems, [], found.problems.join("\n"));
    });
  }
});
