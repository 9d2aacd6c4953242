import { bounded, type Measurement, median, type Row, recorded } from "../row.js";
import { type ScaledJob, scaledJob } from "../scaled-job.js";

const SIZES = [3, 30, 100, 300] as const;
/** What providers/runtime/fleet.ts and drivers/ssh/session.ts declare; one command follows the logs, on its own connection. */
const LIMITS = { bmcRequests: 2, hostCommands: 6 + 1 };
const GROWTH = [100, 300] as const;
/** The size at which `pulumi up` is held to the slowest chain: of few machines the engine's start, of more its own part tells, too. */
const JUDGED = 100;

/**
 * A cluster of so many simulated machines (lab/simulated), three voters and workers: `pulumi up` from nothing against the
 * slowest machine's own chain, a preview against the engine's own, and what it takes to get there. The rack runs in real time:
 * what Flint and the engine cost is real, and a machine's chain of two minutes is that of a server with a quick self-test.
 */
function sized(machines: number): Measurement {
  const name = (figure: string) => `scale.${machines}.${figure}`;
  const figures = (job: ScaledJob): Row[] => {
    const chains = Object.values(job.chains);
    const slowest = Math.max(...chains.map(({ whole }) => whole));
    const alone = Math.max(...chains.map((chain) => chain.alone));
    const ratio = [name("up-ratio"), job.upSeconds / slowest, "× slowest chain"] as const;
    const turns = job.noopPreviews.map((seconds, turn) => seconds / (job.trivialPreviews[turn] ?? Number.NaN));
    return [
      machines === JUDGED ? bounded(...ratio, 1.15) : recorded(...ratio),
      recorded(name("up-s"), job.upSeconds, "s"),
      recorded(name("chain-s"), slowest, "s"),
      recorded(name("chain-without-turns-s"), alone, "s"),
      recorded(name("engine-up-s"), job.trivialUpSeconds, "s"),
      bounded(name("preview-ratio"), median(turns), "× engine", 1.2, turns),
      recorded(name("preview-s"), median(job.noopPreviews), "s", job.noopPreviews),
      recorded(name("engine-preview-s"), median(job.trivialPreviews), "s", job.trivialPreviews),
      bounded(name("provider-rss-mb"), job.costs.providerMb, "MiB", 400),
      recorded(name("engine-rss-mb"), job.costs.engineMb, "MiB of CLI and engine"),
      recorded(name("state-kb-per-node"), job.stateBytes / 1024 / machines, "KiB"),
      recorded(name("engine-state-kb-per-node"), job.trivialStateBytes / 1024 / machines, "KiB"),
      recorded(name("cpu-s-per-node"), perMachine(job), "s of program and provider"),
      recorded(name("engine-cpu-s-per-node"), job.costs.engineSeconds / machines, "s of CLI and engine"),
      bounded(name("installs-at-once"), job.peaks.installs, "", job.installsAtOnce),
      bounded(name("bmc-requests-at-once"), job.peaks.bmcRequests, "of one BMC", LIMITS.bmcRequests),
      bounded(name("host-commands-at-once"), job.peaks.hostCommands, "", LIMITS.hostCommands),
    ];
  };
  // Names only: nothing is measured for them.
  const names = figures(NOTHING).map((row) => row.name);
  return { names, measure: async () => figures(await scaledJob(machines)) };
}

const NOTHING: ScaledJob = {
  machines: 1,
  installsAtOnce: 16,
  upSeconds: 0,
  chains: {},
  costs: { flintSeconds: 0, engineSeconds: 0, providerMb: 0, engineMb: 0 },
  peaks: { installs: 0, bmcRequests: 0, hostCommands: 0 },
  bmcRequests: 0,
  stateBytes: 0,
  resources: 0,
  noopPreviews: [],
  trivialUpSeconds: 0,
  trivialStateBytes: 0,
  trivialPreviews: [],
};

/** Processor seconds of Flint's two processes during `pulumi up` from nothing, per machine. */
const perMachine = ({ costs, machines }: ScaledJob) => costs.flintSeconds / machines;

/** Whether a machine among three hundred costs more of the processor than one among a hundred. */
const growth: Measurement = {
  names: ["scale.growth"],
  async measure() {
    const [hundred, threeHundred] = [perMachine(await scaledJob(GROWTH[0])), perMachine(await scaledJob(GROWTH[1]))];
    return [bounded("scale.growth", threeHundred / hundred, "× processor time per machine", 1.1)];
  },
};

/** What one installation asks of a BMC: each request costs a slow processor of it a part of a second. */
const bmcCalls: Measurement = {
  names: ["bmc.calls-per-node"],
  async measure() {
    const { bmcRequests, machines } = await scaledJob(SIZES[0]);
    return [recorded("bmc.calls-per-node", bmcRequests / machines, "requests from bare metal to a running system")];
  },
};

export const measurements: Measurement[] = [...SIZES.map(sized), growth, bmcCalls];
