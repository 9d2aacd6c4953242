// limit: 1500 s
import assert from "node:assert/strict";
import type { RackEvent } from "../rack-events.js";
import { nodeOf } from "../robust/counts.js";
import { OverrideRack } from "./override-rack.js";

const PATCHED = ({ event, method }: RackEvent) => event === "bmc-request" && method === "PATCH";
const BOOTED = ({ event, from }: RackEvent) => event === "boot" && from === "network";
const INSTALLER_UP = ({ event }: RackEvent) => event === "installer-up";
const SYSTEM_UP = ({ event }: RackEvent) => event === "system-up";
const script = (kind: string) => (event: RackEvent) => event.note === kind && event.what?.endsWith(".ipxe") === true;

/** What a kill leaves, and what the machine does by itself until the next run. Each ends with a plain `up`. */
const COURSES: Record<string, (bench: OverrideRack) => Promise<void>> = {
  "nobody kills the run": async () => {},

  "the run is killed right after the BMC was told, and somebody switches the machine on": async (bench) => {
    await bench.killedAfter(PATCHED);
    await bench.rack.inject({ machines: { [bench.node]: { powerCycle: true } } });
    await bench.happens(INSTALLER_UP);
  },

  "the run is killed right after the machine's start": (bench) => bench.killedAfter(BOOTED),

  "the run is killed when the installer is up": (bench) => bench.killedAfter(INSTALLER_UP),

  "the run is killed, the next one when it had registered the machine again, and somebody restarts it": async (
    bench,
  ) => {
    const { node } = bench;
    await bench.rack.inject({ machines: { [node]: { at: "power-on", machine: { noPost: true } } } });
    await bench.killedAfter(({ event, state }) => event === "power" && state === "on");
    await bench.killedAfter(script("install"));
    await bench.rack.inject({ machines: { [node]: { machine: {}, powerCycle: true } } });
    await bench.happens(INSTALLER_UP);
  },

  "the run is killed, the next one when the machine was installed, and somebody restarts it": async (bench) => {
    await bench.killedAfter(INSTALLER_UP);
    await bench.killedAfter(script("disk"));
    await bench.rack.inject({ machines: { [bench.node]: { powerCycle: true } } });
    await bench.happens(SYSTEM_UP);
  },
};

describe("a machine whose BMC knows no one-time boot override", function () {
  this.timeout(240_000);
  let bench: OverrideRack;
  afterEach(() => bench?.end());

  for (const [what, course] of Object.entries(COURSES))
    it(`has none after \`up\`, was installed once, and starts from its disk where ${what}`, async () => {
      bench = await OverrideRack.start(1, what);
      await course(bench);
      const { runs, bootOverride } = await bench.after(() => bench.project.up(200));
      assert.deepEqual([runs, bootOverride], ["system", null]);
      assert.deepEqual(await bench.installations(), [[1], [1]]);
      const { boots } = await bench.after(async () => {
        await bench.rack.inject({ machines: { [bench.node]: { powerCycle: true } } });
        await bench.happens(SYSTEM_UP);
      });
      assert.deepEqual(boots, [["disk", "None"]]);
      await bench.project.pulumi(["preview", "--expect-no-changes"], 60);
    });

  it("has none when it is let go that never came up in its installer", async () => {
    bench = await OverrideRack.start(1, "let go");
    bench.declare((args) => {
      args.deadlines = { boot: "10s" };
    });
    await bench.rack.inject({ machines: { [bench.node]: { machine: { noPost: true } } } });
    const { all } = await bench.project.start(["up", "--yes", "--skip-preview"], 120);
    assert.match(all, /BOOT_TIMEOUT/);
    assert.equal((await bench.after(async () => {})).bootOverride, "Continuous, Pxe");
    const { power, bootOverride } = await bench.after(() => bench.project.pulumi(["destroy", "--yes"], 120));
    assert.deepEqual([power, bootOverride], ["Off", null]);
  });

  it("has none when a worker is installed anew, and the run is killed when it boots the installer", async () => {
    bench = await OverrideRack.start(4, "anew");
    await bench.project.up(200);
    bench.declare((args) => {
      nodeOf(args, bench.node).generation = 2;
    });
    await bench.killedAfter(BOOTED);
    const { runs, bootOverride, boots } = await bench.after(() => bench.project.up(200));
    assert.deepEqual([runs, bootOverride], ["system", null]);
    assert.deepEqual(boots.at(-1), ["disk", "None"]);
    assert.deepEqual(await bench.installations(), [[2], [1, 1]]);
  });
});
