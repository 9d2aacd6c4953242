import type { NodeArgs } from "../../../../components/cluster/args.js";
import type { Expectation } from "./judge.js";
import { runsSystem } from "./judge.js";
import type { Pair } from "./pairs.js";
import { type RackLife, VOTERS } from "./rack-life.js";
import { assign, changeSystems, type Findings, installHealthy, tryChange, withRack } from "./trials.js";

/** The voter that has the fault. */
const VOTER = "node03";

const restarting = (node: NodeArgs) => {
  node.kernelParams = ["quiet"];
};
const relabelled = (node: NodeArgs) => {
  node.labels = { rack: "b2" };
};

/** Installs a rack first; what is not as promised then counts, too. */
function afterInstallation(
  workers: number,
  seed: string,
  work: (life: RackLife) => Promise<Findings>,
): Promise<Findings> {
  return withRack(workers, seed, async (life) => {
    const healthy = await installHealthy(life);
    const found = await work(life);
    return { ...found, problems: [...healthy, ...found.problems] };
  });
}

/** All machines restart for another kernel command line while each worker has one fault. */
export function tryRestarting(pairs: readonly Pair[], seed: string): Promise<Findings> {
  const { workers, faults } = assign(pairs);
  return afterInstallation(workers, seed, (life) => changeSystems(life, faults, restarting));
}

/** These machines are let go and installed anew, while those of them that have a fault have it. */
async function replace(
  life: RackLife,
  names: readonly string[],
  faults: ReadonlyMap<string, Pair>,
  hit: Pick<Expectation, "alsoHit"> = {},
): Promise<Findings> {
  const { machines: before } = await life.rack.status();
  life.declare((args) => {
    for (const name of names) {
      const node = args.nodes[name];
      if (node !== undefined) node.generation = 2;
    }
  });
  const isDone: Expectation["isDone"] = (name, status) =>
    runsSystem(name, status) && (!names.includes(name) || status.machines[name]?.mark !== before[name]?.mark);
  return tryChange(life, { ...hit, machines: life.machines, faults, installations: 2, isDone });
}

/** All workers are installed anew while each has one fault. */
export function tryReplacing(pairs: readonly Pair[], seed: string): Promise<Findings> {
  const { workers, faults } = assign(pairs);
  return afterInstallation(workers, seed, (life) => replace(life, [...faults.keys()], faults));
}

/** Everything is destroyed while each worker, which is wiped for it, has one fault. */
export function tryDestroying(pairs: readonly Pair[], seed: string): Promise<Findings> {
  const { workers, faults } = assign(pairs);
  return afterInstallation(workers, seed, async (life) => {
    const isDone: Expectation["isDone"] = (name, { machines }) =>
      machines[name]?.power === "Off" && (!faults.has(name) || machines[name]?.mark === null);
    const found = await tryChange(life, { machines: life.machines, faults, isDone }, undefined, "destroy");
    const { files } = await life.rack.status();
    const left = Object.keys(files).map((path) => `${path} is left on the provisioning host`);
    return { ...found, problems: [...found.problems, ...left] };
  });
}

/** One of three voters has the fault; the others may be held up, so that the quorum stays. */
export function tryVoterChanged(course: "update" | "replacement", pair: Pair, seed: string): Promise<Findings> {
  const faults = new Map([[VOTER, pair]]);
  const hit = { alsoHit: VOTERS };
  return afterInstallation(1, seed, (life) =>
    course === "update" ? changeSystems(life, faults, relabelled, hit) : replace(life, [VOTER], faults, hit),
  );
}

/** One rack through an update and then through a replacement of its workers, with some faults each. */
export function tryUpdatingAndReplacing(
  { update, replacement }: { update: readonly Pair[]; replacement: readonly Pair[] },
  seed: string,
): Promise<Findings> {
  const replaced = assign(replacement);
  return afterInstallation(replaced.workers, seed, async (life) => {
    const first = await changeSystems(life, assign(update).faults, relabelled);
    const second = await replace(life, [...replaced.faults.keys()], replaced.faults);
    return {
      outcomes: [...first.outcomes, ...second.outcomes],
      problems: [...first.problems, ...second.problems],
    };
  });
}
