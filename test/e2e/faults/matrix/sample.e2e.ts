// limit: 1200 s
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { drawFaults } from "../../../../lab/simulated/chances/draw.js";
import { chancesSchema } from "../../../../lab/simulated/chances/schema.js";
import { LaunchedRack } from "../../../../lab/simulated/launch.js";
import { SAMPLE } from "./courses.js";
import { tryUpdatingAndReplacing } from "./further-trials.js";
import { nameOf, pairsOf, sampleOf } from "./pairs.js";
import { tryInstalling } from "./trials.js";

/** Always the same: what CI shows, anybody can show again. All of it: `npm run e2e -- --long matrix`. */
const SEED = "sample";
const FAULTS = 9;

/** Those that end at their deadline would make CI wait for it. */
const QUICK =
  /dhcpLost=3|restarts|otherSerial|otherDisk|diskSwapped|disksReordered|diskErrors|diskFull|sshResets=2|sshHalves=1|busy503=3|dropsEvery=3|override(Refused|Forgotten)|passwordRefused|noSessions|asyncReset/;

describe("faults of a simulated rack", () => {
  it("in a sample of the matrix are overcome or told once, stop no other machine, and are gone once mended", async function () {
    this.timeout(500_000);
    const pairs = pairsOf("install", ["machine", "bmc"]).filter((pair) => QUICK.test(nameOf(pair)));
    const { problems } = await tryInstalling(sampleOf(pairs, FAULTS, SEED), SEED);
    assert.deepEqual(problems, [], problems.join("\n"));
  });

  it("in a sample of updates and replacements, services among them, are overcome or told once, and gone once mended", async function () {
    this.timeout(500_000);
    const { outcomes, problems } = await tryUpdatingAndReplacing(SAMPLE, SEED);
    assert.deepEqual(problems, [], problems.join("\n"));
    const ends = outcomes.map(({ pair, end }) => `${nameOf(pair)}@${pair.moment}: ${end}`);
    assert.deepEqual(ends, [
      'machine.services={"crashLoop":["plasmavmc"]}@activated: SYSTEM_ROLLED_BACK',
      "machine.restarts=1@copied: overcome",
      "machine.restarts=1@activated: overcome",
      "machine.restarts=1@format: INSTALL_FAILED",
      "machine.restarts=1@disk-boot: overcome",
      "machine.diskErrors@format: INSTALL_FAILED",
      "bmc.busy503=3@power-off: overcome",
    ]);
  });

  it("come by chance as the seed has it, in every rack of that seed", async function () {
    this.timeout(120_000);
    const chances = chancesSchema.parse({ machine: { dhcpLost: 0.5, slow: 0.5 }, bmc: { busy503: 0.5 } });
    const expected = drawFaults(chances, SEED, ["node01", "node02", "node03", "node04"]).filter(
      ({ moment }) => moment === "now",
    );
    assert.ok(expected.length > 0);
    for (let time = 0; time < 2; time++) {
      const rack = await LaunchedRack.start({ machines: 4, seed: SEED, chances });
      try {
        const events = readFileSync(join(rack.directory, "events.jsonl"), "utf8").trim().split("\n");
        const drawn = events.map((line) => JSON.parse(line)).filter(({ event }) => event === "drawn");
        assert.deepEqual(
          drawn.map(({ machine, owner, moment, fault, value }) => ({ owner, machine, moment, fault, value })),
          expected,
        );
      } finally {
        await rack.stop();
      }
    }
  });
});
