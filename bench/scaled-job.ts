import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LaunchedRack } from "../lab/simulated/launch.js";
import { SimulatedProject } from "../lab/simulated/project.js";
import type { Status } from "../lab/simulated/schema.js";
import { timed } from "./measured-job.js";
import { type Chain, chainsOf } from "./rack-chains.js";
import { type Costs, watchCosts } from "./run-costs.js";
import { TrivialProgram } from "./trivial-program.js";

/** Simulated seconds in a real one: a machine's chain takes two minutes then, as a server's with a quick self-test. */
const SPEED = 1;
const PREVIEWS = 5;
const UP_SECONDS = 2400;
const DEFAULT_INSTALLS_AT_ONCE = 16;

/** One cluster of simulated machines, from nothing to a stack without changes. */
export interface ScaledJob {
  machines: number;
  /** What the cluster was told. */
  installsAtOnce: number;
  upSeconds: number;
  chains: Record<string, Chain>;
  costs: Costs;
  peaks: Status["peaks"];
  /** All requests to BMCs during that `up`, sessions included. */
  bmcRequests: number;
  stateBytes: number;
  resources: number;
  noopPreviews: number[];
  /** The engine's own part: as many resources that do nothing. */
  trivialUpSeconds: number;
  trivialStateBytes: number;
  trivialPreviews: number[];
}

const jobs = new Map<number, Promise<ScaledJob>>();

/** Each size is measured once, whatever figures are asked for. */
export function scaledJob(machines: number): Promise<ScaledJob> {
  const job = jobs.get(machines) ?? run(machines);
  jobs.set(machines, job);
  return job;
}

async function run(machines: number): Promise<ScaledJob> {
  const rack = await LaunchedRack.start({ machines, seed: "scale", speed: SPEED });
  // What docs/scale.md tells a user to set for so many machines, where the network is fast: nobody waits for a turn.
  const installsAtOnce = Math.max(DEFAULT_INSTALLS_AT_ONCE, machines);
  const cluster = rack.cluster((args) => {
    args.installsAtOnce = installsAtOnce;
  });
  const project = await SimulatedProject.make(rack, cluster);
  // What docs/scale.md tells a user to set for so many machines.
  const parallel = { PULUMI_PARALLEL: String(machines) };
  const pulumi = async (argv: readonly string[], seconds: number) => {
    const { exitCode, all } = await project.start(argv, seconds, parallel);
    if (exitCode !== 0)
      throw new Error(`pulumi ${argv.join(" ")} with ${machines} machines ended with ${exitCode}:\n${all}`);
  };
  try {
    const watch = watchCosts(`PULUMI_BACKEND_URL=file://${project.directory}/state`);
    const upSeconds = await timed(() => pulumi(["up", "--yes", "--skip-preview"], UP_SECONDS));
    const costs = watch.stop();
    const events = readFileSync(join(rack.directory, "events.jsonl"), "utf8");
    const chains = chainsOf(events);
    const bmcRequests = events.split('"event":"bmc-request"').length - 1;
    const { violations, peaks } = await rack.status();
    if (violations.length > 0) throw new Error(`with ${machines} machines: ${violations.join("; ")}`);
    const stateFile = join(project.directory, "state/.pulumi/stacks/flint/sim.json");
    const state = JSON.parse(readFileSync(stateFile, "utf8")) as { checkpoint: { latest: { resources: unknown[] } } };
    const resources = state.checkpoint.latest.resources.length;
    const previews = await comparePreviews(resources, Number(parallel.PULUMI_PARALLEL), () =>
      pulumi(["preview", "--expect-no-changes"], 300),
    );
    const stateBytes = Buffer.byteLength(JSON.stringify(state));
    return {
      machines,
      installsAtOnce,
      upSeconds,
      chains,
      costs,
      peaks,
      bmcRequests,
      stateBytes,
      resources,
      ...previews,
    };
  } finally {
    await rack.stop();
    project.remove();
  }
}

/** In turns: both of one turn have the same machine under them. */
async function comparePreviews(resources: number, parallel: number, preview: () => Promise<void>) {
  const trivial = await TrivialProgram.up(resources, parallel);
  const noopPreviews: number[] = [];
  const trivialPreviews: number[] = [];
  try {
    for (let turn = 0; turn < PREVIEWS; turn++) {
      noopPreviews.push(await timed(preview));
      trivialPreviews.push(await timed(() => trivial.preview()));
    }
  } finally {
    await trivial.remove();
  }
  const { upSeconds: trivialUpSeconds, stateBytes: trivialStateBytes } = trivial;
  return { noopPreviews, trivialPreviews, trivialUpSeconds, trivialStateBytes };
}
