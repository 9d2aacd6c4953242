import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { LaunchedRack } from "../../../lab/simulated/launch.js";

describe("a fault order to a simulated rack", function () {
  this.timeout("120 s");
  let rack: LaunchedRack;

  beforeEach(async () => {
    rack = await LaunchedRack.start({ machines: 2, speed: 1000 });
  });
  afterEach(() => rack.stop());

  /** What began when the machine came to a moment, once everything of a restart by hand has happened. */
  async function begunInRestart(machine: string): Promise<object[]> {
    await rack.inject({ machines: { [machine]: { powerCycle: true } } });
    for (;;) {
      const events = rack.events().filter((event) => event.machine === machine);
      if (events.some(({ event }) => event === "boot"))
        return events.flatMap(({ event, at, faults, bmc }) =>
          event === "faults" && at !== undefined ? [{ at, ...(faults ?? {}), ...(bmc ?? {}) }] : [],
        );
      await sleep(20);
    }
  }

  it("leaves alone what waits for a moment of the same machine, but for what it replaces", async () => {
    await rack.inject({ machines: { node01: { at: "power-on", machine: { slow: 2 }, bmc: { slowAnswers: 1 } } } });
    await rack.inject({ machines: { node01: { bmc: { busy503: 1 } } } });
    await rack.inject({ machines: { node01: { released: true } } });
    assert.deepEqual(await begunInRestart("node01"), [{ at: "power-on", slow: 2 }]);
  });

  it("takes back with {} what goes wrong with nix, as it does of machines, BMCs and the provisioning host", async () => {
    await rack.inject({ nix: { buildFails: 5 } });
    assert.match((await build()).stderr, /builder for 'simulated\.drv' failed/);
    await rack.inject({ nix: { diskFull: 5 } });
    assert.match((await build()).stderr, /No space left on device/);
    await rack.inject({ nix: {} });
    assert.deepEqual((await build()).exitCode, 0);
  });

  const build = () => {
    const installable = `${join(rack.directory, "flake")}#packages.x86_64-linux.netboot-installer`;
    const [command, words] = rack.inside(["nix", "build", "--json", installable]);
    return execa(command, words, { env: rack.environment(), reject: false });
  };
});
