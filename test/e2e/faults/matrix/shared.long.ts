// limit: 10800 s
import assert from "node:assert/strict";
import type { Change } from "../../../../lab/simulated/moments.js";
import type { Outcome } from "./judge.js";
import { nameOf, type Pair, pairsOf } from "./pairs.js";
import { keepTable, renderFindings } from "./table.js";
import { type Findings, tryShared, tryVoter } from "./trials.js";
import { UnderWay } from "./under-way.js";

const SEED = process.env.FLINT_SEED ?? "1";
const CHANGES: [Change, string][] = [
  ["install", "while machines are installed"],
  ["update", "while they are changed"],
  ["removal", "while one is taken out"],
];

/** A rack for each: what it hits, all machines share. */
function each(
  pairs: readonly Pair[],
  outcomes: Outcome[],
  keep: () => void,
  attempt: (pair: Pair) => Promise<Findings>,
) {
  const trials = new UnderWay(pairs, attempt);
  for (const [at, pair] of pairs.entries()) {
    it(`${nameOf(pair)} at ${pair.moment}`, async function () {
      this.timeout(2_400_000);
      const found = await trials.findings(at);
      outcomes.push(...found.outcomes);
      keep();
      assert.deepEqual(found.problems, [], found.problems.join("\n"));
    });
  }
}

for (const [change, when] of CHANGES) {
  describe(`what all machines share goes wrong ${when} (seed ${SEED}): overcome, or told by each once and mended:`, () => {
    const outcomes: Outcome[] = [];
    const keep = () => keepTable(`${change}-shared`, renderFindings(outcomes));
    each(pairsOf(change, ["host", "nix"]), outcomes, keep, (pair) => tryShared(change, pair, SEED));
  });
}

describe(`a voter's services are not as they should be while the cluster forms (seed ${SEED}):`, () => {
  const outcomes: Outcome[] = [];
  const services = [
    { late: 4_000 },
    { slowAnswers: 4_000 },
    ...["chainfire", "flaredb", "iam", "plasmavmc"].map((name) => ({ crashLoop: [name] })),
  ];
  const pairs = services.flatMap((value) =>
    (["before", "system-up"] as const).map((moment): Pair => ({ owner: "machine", fault: "services", value, moment })),
  );
  const keep = () => keepTable("install-voter", renderFindings(outcomes));
  each(pairs, outcomes, keep, (pair) => tryVoter(pair, SEED));
});
