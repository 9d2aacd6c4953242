import type { Status } from "../../../../lab/simulated/schema.js";
import { judgeDeadlines } from "./deadlines.js";
import { nameOf, type Pair } from "./pairs.js";
import type { Run } from "./rack-life.js";
import { codeOf, flawsOf } from "./told-error.js";

/** What became of one pair: `overcome`, or the code of the one error. */
export interface Outcome {
  pair: Pair;
  end: string;
  /** The error as the user read it. */
  told?: string;
}

/** What a run is judged by. */
export interface Expectation {
  /** All machines that are declared, or were and are taken out. */
  machines: readonly string[];
  /** Machine → its fault. */
  faults: ReadonlyMap<string, Pair>;
  /** Machines beside those with a fault that may be stopped by one. */
  alsoHit?: readonly string[];
  /** Names of what all machines share: where its own resources fail, no machine has begun. Default: nothing is shared. */
  shared?: readonly string[];
  /** How often each machine has been installed when all is done, one after the other. Default 1. */
  installations?: number;
  /** Whether the machine is where the run was to bring it. */
  isDone: (machine: string, status: Status) => boolean;
}

const sum = (of: Record<string, number> = {}) => Object.values(of).reduce((total, each) => total + each, 0);

/** The host is made ready by @pulumi/command, which tells where nobody answers, and has no codes. */
const OF_COMMAND = /^after \d+ failed attempts: 10\.77\.0\.1:22: /;

/** Whether the machine runs a system. */
export const runsSystem = (machine: string, { machines }: Status): boolean => machines[machine]?.runs === "system";

/** Judges the run during which things went wrong. @returns what is wrong with it. */
export function judgeFaulty(run: Run, { machines, faults, alsoHit = [], shared = [], isDone }: Expectation): string[] {
  const problems = run.hung ? ["the run did not end"] : [];
  const common = commonErrors(run, machines);
  const isShared = (error: string) => OF_COMMAND.test(error) || shared.some((name) => error.includes(name));
  for (const error of common.filter((each) => !OF_COMMAND.test(each)))
    problems.push(...flawsOf(error, shared.find((name) => error.includes(name)) ?? "a machine"));
  const begun = !common.some(isShared);
  for (const name of machines) {
    const told = errorsAbout(name, run);
    const pair = faults.get(name);
    const label = pair === undefined ? `${name}, which has no fault` : `${name}, ${nameOf(pair)} at ${pair.moment}`;
    // Else "overcome" would say nothing: the machine never came to the moment.
    if (pair !== undefined && pair.moment !== "before" && !run.begun.get(name)?.includes(pair.moment))
      problems.push(`${label}: the fault never began`);
    if (told.length > 1) problems.push(`${label}: ${told.length} errors: ${told.join(" | ")}`);
    for (const error of told) problems.push(...flawsOf(error, name).map((flaw) => `${label}: ${flaw}`));
    if (pair === undefined && !alsoHit.includes(name) && told.length > 0)
      problems.push(`${label}: ${told.join(" | ")}`);
    if (told.length === 0 && begun && !isDone(name, run.status))
      problems.push(`${label}: no error, and it runs ${run.status.machines[name]?.runs ?? "nothing"}`);
  }
  problems.push(...judgeDeadlines(run.stays));
  if (run.stays.length === 0) problems.push("the engine's log tells nothing: no wait was judged");
  const stopped = common.length > 0 || machines.some((name) => errorsAbout(name, run).length > 0);
  if (!stopped && run.exitCode !== 0) problems.push(`no machine has an error, and the run ended with ${run.exitCode}`);
  return [...problems, ...run.status.violations, ...(problems.length > 0 ? [run.output.slice(-6_000)] : [])];
}

/** Judges the run after everything was mended. */
export function judgeMended(run: Run, { machines, faults, isDone, installations = 1 }: Expectation): string[] {
  const problems: string[] = [];
  if (run.hung || run.exitCode !== 0) problems.push(`the run after mending ended with ${run.exitCode ?? "a hang"}`);
  for (const name of machines) {
    const pair = faults.get(name);
    const label = pair === undefined ? name : `${name}, after ${nameOf(pair)} at ${pair.moment}`;
    if (!isDone(name, run.status))
      problems.push(`${label}: it is not as declared, it runs ${run.status.machines[name]?.runs ?? "nothing"}`);
    const { wipes = {}, installs = {} } = run.status.counts[name] ?? {};
    if (sum(wipes) > installations + 1) problems.push(`${label}: formatted ${sum(wipes)} times`);
    if (sum(installs) > installations) problems.push(`${label}: installed ${sum(installs)} times`);
  }
  problems.push(...judgeDeadlines(run.stays));
  if (run.stays.length === 0) problems.push("the engine's log tells nothing: no wait was judged");
  return [...problems, ...run.status.violations, ...(problems.length > 0 ? [run.output.slice(-6_000)] : [])];
}

export function outcomesOf(run: Run, { faults, machines }: Expectation): Outcome[] {
  return [...faults].map(([name, pair]) => {
    const [error] = [...errorsAbout(name, run), ...commonErrors(run, machines)];
    if (error === undefined) return { pair, end: "overcome" };
    return { pair, end: OF_COMMAND.test(error) ? "@pulumi/command" : codeOf(error), told: error };
  });
}

/** Those of resources that are no machine's, nor the stack's own note that it failed. */
function commonErrors(run: Run, machines: readonly string[]): string[] {
  const own = new Set(machines.flatMap((name) => errorsAbout(name, run)));
  const all = [...run.errors].filter(([resource]) => !resource.startsWith("flint-")).flatMap(([, errors]) => errors);
  return all.filter((error) => !own.has(error));
}

/** Of the machine itself, and of its members. */
function errorsAbout(machine: string, { errors }: Run): string[] {
  return [...errors]
    .filter(([resource]) => resource === machine || resource.endsWith(`-${machine}`))
    .flatMap(([, all]) => all);
}
