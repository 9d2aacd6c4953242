import { randomUUID } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LaunchedRack } from "../../../lab/simulated/launch.js";
import type { SimulatedProject } from "../../../lab/simulated/project.js";
import { type RackEvent, RackEvents } from "../rack-events.js";
import { killTree, marked } from "./process-tree.js";

/** When a run is killed: so many events of the rack after it began, and so many milliseconds after that. */
export interface Moment {
  events: number;
  milliseconds: number;
}

export interface KilledRun {
  /** False: it ended by itself before that. */
  killed: boolean;
  /** The last event before the kill. */
  after: string;
  exitCode: number | undefined;
  output: string;
}

/** As docs/interrupted.md says: the CLI writes a file of attributes beside each of its own, and may have been about to. */
function removeCutAttributes(directory: string): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
    const file = join(directory, name);
    if (name.endsWith(".attrs") && statSync(file).size === 0) rmSync(file);
  }
}

/** Runs the CLI and kills everything that it started at the moment. The lock that is left behind is taken away by `cancel`. */
export async function runAndKill(
  rack: LaunchedRack,
  project: SimulatedProject,
  argv: readonly string[],
  moment: Moment,
): Promise<KilledRun> {
  const run = randomUUID();
  const events = new RackEvents(rack);
  let count = 0;
  let last: RackEvent | undefined;
  const look = () => {
    const seen = events.next();
    count += seen.length;
    last = seen.at(-1) ?? last;
  };
  const child = project.start(argv, 180, marked(run));
  let ended = false;
  child.finally(() => {
    ended = true;
  });
  while (!ended && count < moment.events) {
    await sleep(5);
    look();
  }
  if (!ended) await sleep(moment.milliseconds);
  const killed = !ended;
  if (killed) await killTree(run);
  const { exitCode, all } = await child;
  if (killed) {
    removeCutAttributes(join(project.directory, "state/.pulumi"));
    await project.start(["cancel", "--yes"], 60);
  }
  const after = [last?.machine, last?.event, last?.what].filter((each) => each !== undefined).join(" ");
  return { killed, after, exitCode, output: all };
}
