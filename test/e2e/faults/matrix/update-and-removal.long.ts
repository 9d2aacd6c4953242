// limit: 14400 s
import assert from "node:assert/strict";
import type { Change } from "../../../../lab/simulated/moments.js";
import type { Outcome } from "./judge.js";
import { pairsOf, shares } from "./pairs.js";
import { keepTable, renderFindings } from "./table.js";
import { tryRemoving, tryUpdating } from "./trials.js";

const SEED = process.env.FLINT_SEED ?? "1";
const PER_RACK = 25;

const CHANGES: [Change, string, typeof tryUpdating][] = [
  ["update", "while a running system is changed", tryUpdating],
  ["removal", "while a machine is wiped and taken out", tryRemoving],
];

for (const [change, title, attempt] of CHANGES) {
  describe(`every fault of a machine and of its BMC ${title} (seed ${SEED}),`, () => {
    const outcomes: Outcome[] = [];
    const racks = shares(pairsOf(change, ["machine", "bmc"]), PER_RACK);

    for (const [at, pairs] of racks.entries()) {
      it(`is overcome, or told once and mended: ${pairs.length} of them, rack ${at + 1} of ${racks.length}`, async function () {
        this.timeout(4_500_000);
        const found = await attempt(pairs, `${SEED}/${change}/${at}`);
        outcomes.push(...found.outcomes);
        keepTable(change, renderFindings(outcomes));
        assert.deepEqual(found.problems, [], found.problems.join("\n"));
      });
    }
  });
}
