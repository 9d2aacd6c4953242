import type { NodeArgs } from "../../../../components/cluster/args.js";
import { type Expectation, judgeFaulty, judgeMended, type Outcome, outcomesOf, runsSystem } from "./judge.js";
import type { Pair } from "./pairs.js";
import { RackLife, VOTERS, workersOf } from "./rack-life.js";

/** What a trial found. */
export interface Findings {
  outcomes: Outcome[];
  /** What is not as promised. */
  problems: string[];
}

/** Seconds after which a run hangs: several deadlines of a minute, one after the other, and thirty machines on two cores. */
const FAULTY_SECONDS = 480;
/** A machine that dies while it switches is waited for until it would have gone back, and the others wait for their turn. */
const SWITCHING_SECONDS = 2_700;
const MENDED_SECONDS = 300;

/** The provisioning host, and what nix builds for all: what their errors name. */
const SHARED = ["provisioning host", "netboot image"];

/** Each worker has one of the faults; a disk that is swapped is that of the worker after it, which has no fault of its own. */
export function assign(pairs: readonly Pair[]): { workers: number; faults: Map<string, Pair>; alsoHit: string[] } {
  const swaps = pairs.filter(({ fault }) => fault === "diskSwappedWith").length;
  const workers = pairs.length + swaps;
  const names = workersOf(workers)[Symbol.iterator]();
  const next = () => names.next().value ?? "";
  const faults = new Map<string, Pair>();
  const alsoHit: string[] = [];
  for (const pair of pairs) {
    faults.set(next(), pair);
    if (pair.fault === "diskSwappedWith") alsoHit.push(next());
  }
  return { workers, faults, alsoHit };
}

/** One change with faults, its mending, and the `up` that must do the rest. */
export async function tryChange(
  life: RackLife,
  expectation: Expectation,
  seconds = FAULTY_SECONDS,
  verb: "up" | "destroy" = "up",
): Promise<Findings> {
  const { faults } = expectation;
  await life.inject(faults);
  const faulty = await life.run(verb, seconds);
  const problems = judgeFaulty(faulty, expectation);
  await life.mend(faulty);
  const mended = await life.run(verb, MENDED_SECONDS);
  problems.push(...judgeMended(mended, expectation));
  return { outcomes: outcomesOf(faulty, expectation), problems };
}

export async function installHealthy(life: RackLife): Promise<string[]> {
  return judgeMended(await life.up(FAULTY_SECONDS), { machines: life.machines, faults: new Map(), isDone: runsSystem });
}

export async function withRack(
  workers: number,
  seed: string,
  work: (life: RackLife) => Promise<Findings>,
): Promise<Findings> {
  const life = await RackLife.begin(workers, seed);
  try {
    return await work(life);
  } finally {
    await life.end();
  }
}

/** Installs a rack in which each worker has one fault. */
export function tryInstalling(pairs: readonly Pair[], seed: string): Promise<Findings> {
  const { workers, faults, alsoHit } = assign(pairs);
  return withRack(workers, seed, (life) =>
    tryChange(life, { machines: life.machines, faults, alsoHit, isDone: runsSystem }, FAULTY_SECONDS),
  );
}

/** Installs a rack, and switches all machines to another system while each worker has one fault. */
export function tryUpdating(pairs: readonly Pair[], seed: string): Promise<Findings> {
  const { workers, faults } = assign(pairs);
  return withRack(workers, seed, (life) => update(life, faults));
}

async function update(
  life: RackLife,
  faults: ReadonlyMap<string, Pair>,
  hit: Pick<Expectation, "alsoHit" | "shared"> = {},
) {
  const healthy = await installHealthy(life);
  const found = await changeSystems(
    life,
    faults,
    (node) => {
      node.labels = { rack: "b2" };
    },
    hit,
  );
  return { ...found, problems: [...healthy, ...found.problems] };
}

/** Another system for all machines of a rack that is well. */
export async function changeSystems(
  life: RackLife,
  faults: ReadonlyMap<string, Pair>,
  change: (node: NodeArgs) => void,
  hit: Pick<Expectation, "alsoHit" | "shared"> = {},
): Promise<Findings> {
  const { machines: before } = await life.rack.status();
  life.declare((args) => {
    for (const node of Object.values(args.nodes)) change(node);
  });
  const isDone: Expectation["isDone"] = (name, status) =>
    runsSystem(name, status) && status.machines[name]?.toplevel !== before[name]?.toplevel;
  return tryChange(life, { ...hit, machines: life.machines, faults, isDone }, SWITCHING_SECONDS);
}

/** Installs a rack, and takes all workers out, wiped, while each has one fault. */
export function tryRemoving(pairs: readonly Pair[], seed: string): Promise<Findings> {
  const { workers, faults } = assign(pairs);
  return withRack(workers, seed, (life) => remove(life, faults, [...faults.keys()]));
}

async function remove(
  life: RackLife,
  faults: ReadonlyMap<string, Pair>,
  removed: readonly string[],
  hit: Pick<Expectation, "shared"> = {},
) {
  const healthy = await installHealthy(life);
  life.declare((args) => {
    for (const name of removed) delete args.nodes[name];
  });
  const isDone: Expectation["isDone"] = (name, status) => {
    const { power, mark } = status.machines[name] ?? {};
    return removed.includes(name) ? power === "Off" && mark === null : runsSystem(name, status);
  };
  const found = await tryChange(life, { ...hit, machines: life.machines, faults, isDone }, FAULTY_SECONDS);
  return { ...found, problems: [...healthy, ...found.problems] };
}

/** What all machines share goes wrong, at a moment of one of four: it may stop each of them. */
export function tryShared(change: "install" | "update" | "removal", pair: Pair, seed: string): Promise<Findings> {
  const faults = new Map([["node04", pair]]);
  return withRack(1, seed, (life) => {
    const hit = { alsoHit: VOTERS, shared: SHARED };
    if (change === "update") return update(life, faults, hit);
    if (change === "removal") return remove(life, faults, ["node04"], hit);
    const expectation = { ...hit, machines: life.machines, faults, isDone: runsSystem };
    return tryChange(life, expectation, FAULTY_SECONDS);
  });
}

/** A voter's services are not as they should be while the cluster forms; two workers beside it. */
export function tryVoter(pair: Pair, seed: string): Promise<Findings> {
  const faults = new Map([["node03", pair]]);
  return withRack(1, seed, (life) =>
    tryChange(life, { machines: life.machines, faults, isDone: runsSystem }, FAULTY_SECONDS),
  );
}
