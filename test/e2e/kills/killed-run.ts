import { randomUUID } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LaunchedRack } from "../../../lab/simulated/launch.js";
import type { SimulatedProject } from "../../../lab/simulated/project.js";
import type { RackEvent } from "../rack-events.js";
import { type Interruption, interrupt, judgeEnd } from "../robust/interrupted-run.js";
import { killTree, marked, processesOf } from "./process-tree.js";

/** When a run is killed. */
export interface Moment {
  /** Told of what happened since it was asked last, first right after the start. True: now, or `milliseconds` later. */
  hasCome(events: readonly RackEvent[]): boolean;
  milliseconds: number;
  /** Machines stand still until the run's provider is there, or is not needed: they do not pass phases before anybody looks. */
  frozen: boolean;
}

/** What a run is ended by: a signal that nobody can answer, for everything that it started; or one that lets it end by itself. */
export type Ending = "SIGKILL" | Interruption;

export interface KilledRun {
  /** False: it ended by itself before that. */
  killed: boolean;
  /** What is wrong with how it ended after a signal that lets it end by itself. */
  wrong: string[];
  exitCode: number | undefined;
  /** It neither ended nor was killed in time. */
  timedOut: boolean;
  output: string;
}

/** Seconds after which a run that was not killed hangs. */
const PATIENCE_SECONDS = 240;

/** A run that needs its provider has started it within this time. */
const PROVIDER_WITHIN_MS = 8_000;

/** As docs/interrupted.md says: the CLI writes a file of attributes beside each of its own, and may have been about to. */
function removeCutAttributes(directory: string): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
    const file = join(directory, name);
    if (name.endsWith(".attrs") && statSync(file).size === 0) rmSync(file);
  }
}

/**
 * Runs the CLI and ends it at the moment. A run that is killed cannot give the stack's lock back: `cancel` takes it away. One that
 * ends by itself leaves nothing to be done. The rack stands still from the end until the next run.
 */
export async function runAndKill(
  rack: LaunchedRack,
  project: SimulatedProject,
  argv: readonly string[],
  moment: Moment,
  look: () => readonly RackEvent[],
  how: Ending = "SIGKILL",
): Promise<KilledRun> {
  const run = randomUUID();
  look(); // what happened while nobody was at work
  const child = project.start(argv, PATIENCE_SECONDS, marked(run));
  let ended = false;
  child.finally(() => {
    ended = true;
  });
  const isAtWork = () => processesOf(run).some(({ command }) => command.includes("dynamic-provider"));
  const started = performance.now();
  // A run that has nothing left for it to do starts none, and would wait for the rack for ever.
  const waits = () => !isAtWork() && performance.now() - started < PROVIDER_WITHIN_MS;
  while (moment.frozen && !ended && waits()) await sleep(50);
  rack.thaw();
  while (!ended && !moment.hasCome(look())) await sleep(2);
  if (!ended) await sleep(moment.milliseconds);
  if (!ended && how !== "SIGKILL") {
    const end = await interrupt(child, run, how);
    const { timedOut } = await child;
    // One that ended with 0 may have done everything, or been between two resources: then Pulumi says that all is deleted.
    rack.freeze();
    return { killed: true, wrong: judgeEnd(end), exitCode: end.exitCode, timedOut, output: end.output };
  }
  const killed = !ended;
  if (killed) await killTree(run);
  if (killed) rack.freeze();
  const { exitCode, all, timedOut } = await child;
  if (killed) {
    removeCutAttributes(join(project.directory, "state/.pulumi"));
    await project.start(["cancel", "--yes"], 60);
  }
  return { killed, wrong: [], exitCode, timedOut, output: all };
}
