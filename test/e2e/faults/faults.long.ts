// limit: 1500 s
import assert from "node:assert/strict";
import type { ClusterArgs } from "../../../components/cluster/args.js";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import type { Status } from "../../../lab/simulated/schema.js";
import { errorsOf, type FaultyRun, runWithFaults } from "./faulty-run.js";
import type { Run, Scenario } from "./scenario.js";
import { MACHINES } from "./scenarios/machines.js";
import { NETWORK_BOOT } from "./scenarios/network-boot.js";
import { SHARED_AND_UPDATES } from "./scenarios/shared-and-updates.js";

const SEED = process.env.FLINT_SEED ?? "1";
const SECONDS = 240;

/** Short, so that what does not come is told soon. */
const DEADLINES = { boot: "20s", install: "20s", firstBoot: "20s", build: "60s", join: "40s", health: "40s" };

describe(`each fault is overcome or told, stops no other machine, and the next \`up\` goes on (seed ${SEED})`, () => {
  for (const scenario of [...NETWORK_BOOT, ...MACHINES, ...SHARED_AND_UPDATES]) {
    it(scenario.title, async function () {
      this.timeout(600_000);
      const { machines, runs } = scenario;
      const rack = await LaunchedRack.start({ machines, seed: SEED, speed: 40 });
      const change = (args: ClusterArgs) => {
        args.deadlines = DEADLINES;
      };
      const project = await SimulatedProject.make(rack, rack.cluster(change));
      try {
        for (const run of runs) {
          project.declare(
            rack.cluster((args) => {
              change(args);
              run.declare?.(args);
            }),
          );
          judgeRun(run, await runWithFaults(rack, project, run.injections, SECONDS), await rack.status(), rack);
        }
        await mend(rack, scenario);
        const output = await project.up(SECONDS);
        judgeEnd(scenario, await rack.status(), output);
      } finally {
        await rack.stop();
        project.remove();
      }
    });
  }
});

function judgeRun(run: Run, seen: FaultyRun, status: Status, { directory }: LaunchedRack): void {
  const { errors = {}, says = [] } = run;
  const { output } = seen;
  assert.deepEqual(seen.notInjected, [], output);
  const told = Object.entries(errorsOf(output))
    .filter(([resource]) => resource !== "flint-sim")
    .map(([resource, text]) => [resource, plain(text, directory)]);
  assert.deepEqual(Object.fromEntries(told), errors, output);
  assert.equal(seen.exitCode === 0, Object.keys(errors).length === 0, output);
  for (const text of says) assert.ok(output.includes(text), `expected: ${text}\nin:\n${output}`);
  for (const [name, { runs }] of Object.entries(status.machines))
    if (!(name in errors)) assert.equal(runs, "system", `${name} did not finish:\n${output}`);
}

/** Without what differs from run to run. */
const plain = (text: string, directory: string) =>
  text
    .replaceAll(directory, "RACK")
    .replace(/\/nix\/store\/[0-9a-f]{32}/g, "STORE")
    .replace(/(nothing since) (\d+ min )?[\d.]+ s/g, "$1 …");

/** Everything is as it should be; who was asked to restart a machine does. */
async function mend(rack: LaunchedRack, { restarted = [] }: Scenario): Promise<void> {
  const names = Object.keys((await rack.status()).machines);
  const machines = Object.fromEntries(
    names.map((name) => [name, { machine: {}, bmc: {}, powerCycle: restarted.includes(name) }]),
  );
  await rack.inject({ machines, nix: { buildFails: 0, diskFull: 0 }, host: {} });
}

function judgeEnd({ twice = [] }: Scenario, status: Status, output: string): void {
  assert.deepEqual(status.violations, [], output);
  const sum = (of: Record<string, number> = {}) => Object.values(of).reduce((total, each) => total + each, 0);
  for (const [name, { runs }] of Object.entries(status.machines)) {
    const counts = status.counts[name];
    assert.deepEqual(
      { name, runs, formatted: sum(counts?.wipes), installed: sum(counts?.installs) },
      { name, runs: "system", formatted: twice.includes(name) ? 2 : 1, installed: 1 },
      output,
    );
  }
}
