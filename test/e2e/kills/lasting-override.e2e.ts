// limit: 200 s
import assert from "node:assert/strict";
import { OverrideRack } from "./override-rack.js";

/** More moments: `lasting-override.long.ts`. */
describe("a machine whose BMC knows no one-time boot override", function () {
  this.bail(true);
  this.timeout(90_000);
  let bench: OverrideRack;

  before(async () => {
    bench = await OverrideRack.start(1, "lasting-override");
  });
  after(() => bench?.end());

  it("has one for good when the run is killed that had it boot the installer", async () => {
    const { bootOverride } = await bench.after(() =>
      bench.killedAfter(({ event, from }) => event === "boot" && from === "network"),
    );
    assert.equal(bootOverride, "Continuous, Pxe");
  });

  it("has none any more after the next `up`, was installed once, and starts from its disk", async () => {
    const { runs, bootOverride, boots } = await bench.after(() => bench.project.up());
    assert.deepEqual([runs, bootOverride], ["system", null]);
    assert.deepEqual(boots.at(-1), ["disk", "None"]);
    assert.deepEqual(await bench.installations(), [[1], [1]]);
  });
});
