// limit: 14400 s
import assert from "node:assert/strict";
import { REPLACING, RESTARTING, VOTER_REPLACED, VOTER_UPDATED } from "./courses.js";
import { tryDestroying, tryReplacing, tryRestarting, tryVoterChanged } from "./further-trials.js";
import type { Outcome } from "./judge.js";
import { nameOf, only, type Pair, pairsOf, shares } from "./pairs.js";
import { keepTable, renderFindings } from "./table.js";
import type { Findings } from "./trials.js";
import { UnderWay } from "./under-way.js";

const SEED = process.env.FLINT_SEED ?? "1";
const PER_RACK = 25;

const ALL: [string, string, readonly Pair[], (pairs: readonly Pair[], seed: string) => Promise<Findings>][] = [
  ["restart", "machines restart for another kernel command line", RESTARTING, tryRestarting],
  ["replacement", "machines are wiped and installed anew", REPLACING, tryReplacing],
  ["destroy", "everything is destroyed", pairsOf("removal", ["machine", "bmc"], ""), tryDestroying],
];

for (const [name, title, all, attempt] of ALL) {
  describe(`a fault of a machine or of its BMC while ${title} (seed ${SEED}),`, () => {
    const outcomes: Outcome[] = [];
    const racks = shares(only(all), PER_RACK);
    for (const [at, pairs] of racks.entries()) {
      it(`is overcome, or told once and mended: ${pairs.length} of them, rack ${at + 1} of ${racks.length}`, async function () {
        this.timeout(4_500_000);
        const found = await attempt(pairs, `${SEED}/${name}/${at}`);
        outcomes.push(...found.outcomes);
        keepTable(name, renderFindings(outcomes));
        assert.deepEqual(found.problems, [], found.problems.join("\n"));
      });
    }
  });
}

const VOTER_COURSES = [
  ["update", "all systems are changed", VOTER_UPDATED],
  ["replacement", "it leaves and is installed anew", VOTER_REPLACED],
] as const;

for (const [course, title, all] of VOTER_COURSES) {
  describe(`a fault of one of three voters while ${title} (seed ${SEED}): overcome, or told and mended:`, () => {
    const outcomes: Outcome[] = [];
    const pairs = only(all);
    const trials = new UnderWay(pairs, (pair) => tryVoterChanged(course, pair, SEED));
    for (const [at, pair] of pairs.entries()) {
      it(`${nameOf(pair)} at ${pair.moment}`, async function () {
        this.timeout(4_500_000);
        const found = await trials.findings(at);
        outcomes.push(...found.outcomes);
        keepTable(`${course}-voter`, renderFindings(outcomes));
        assert.deepEqual(found.problems, [], found.problems.join("\n"));
      });
    }
  });
}
