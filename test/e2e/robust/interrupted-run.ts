import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { LaunchedRack } from "../../../lab/simulated/launch.js";
import type { SimulatedProject } from "../../../lab/simulated/project.js";
import { killTree, marked, processesOf } from "../kills/process-tree.js";
import { type RackEvent, RackEvents } from "../rack-events.js";

/** Ctrl-C, as a terminal sends it to everything in the foreground; or what systemd and CI runners send to the CLI alone. */
export type Interruption = "SIGINT to the group" | "SIGTERM to the CLI";

export interface Moment {
  /** The event of the rack that is waited for. */
  at: (event: RackEvent) => boolean;
  /** And so much later. Default 0. */
  milliseconds?: number;
}

export interface InterruptedRun {
  /** False: it ended before the moment came. */
  interrupted: boolean;
  /** From the signal to the end of the CLI and of everything that it started. */
  seconds: number;
  exitCode: number | undefined;
  /** Command lines of what lived on after the CLI, a second later. */
  orphans: string[];
  output: string;
}

const ORPHANS_MS = 1_000;

/** Runs the CLI, sends the signal at the moment, and looks at how it ends. */
export async function runAndInterrupt(
  rack: LaunchedRack,
  project: SimulatedProject,
  argv: readonly string[],
  how: Interruption,
  { at, milliseconds = 0 }: Moment,
): Promise<InterruptedRun> {
  const run = randomUUID();
  const events = new RackEvents(rack);
  const child = project.start(argv, 120, marked(run));
  let ended = false;
  child.finally(() => {
    ended = true;
  });
  const seen = await events.until(at, () => ended);
  await sleep(milliseconds);
  const { pid } = child;
  const interrupted = seen !== undefined && !ended && pid !== undefined;
  const began = performance.now();
  if (interrupted)
    process.kill(how === "SIGTERM to the CLI" ? pid : -pid, how === "SIGTERM to the CLI" ? "SIGTERM" : "SIGINT");
  const { exitCode, all } = await child;
  const seconds = (performance.now() - began) / 1000;
  // The engine has just told its plugins to end.
  for (let waited = 0; waited < ORPHANS_MS && processesOf(run).length > 0; waited += 50) await sleep(50);
  const orphans = processesOf(run).map(({ command }) => command);
  await killTree(run);
  return { interrupted, seconds, exitCode, orphans, output: all };
}
