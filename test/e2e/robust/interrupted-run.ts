import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { LaunchedRack } from "../../../lab/simulated/launch.js";
import type { SimulatedProject } from "../../../lab/simulated/project.js";
import { killTree, marked, processesOf } from "../kills/process-tree.js";
import { type RackEvent, RackEvents } from "../rack-events.js";

/** Ctrl-C, as a terminal sends it to everything in the foreground; or what systemd and CI runners send to the CLI alone. */
export type Interruption = "SIGINT to the group" | "SIGTERM to the CLI";

/** An interrupted run ends within this time, whatever is under way: docs/interrupted.md promises it. */
const SECONDS = 5;

export type Moment = { milliseconds?: number } & (
  | {
      /** The event of the rack that is waited for; `milliseconds` later it has come. */
      at: (event: RackEvent) => boolean;
    }
  | {
      /** The command line of a program that the run has started. */
      runs: RegExp;
    }
  | {
      /** What the CLI prints. */
      prints: RegExp;
    }
);

/** How a run ended after its signal. */
export interface End {
  /** From the signal to the end of the CLI. */
  seconds: number;
  exitCode: number | undefined;
  /** Command lines of what lived on after the CLI, a second later. */
  orphans: string[];
  output: string;
}

export interface InterruptedRun extends End {
  /** False: it ended before the moment came. */
  interrupted: boolean;
}

const ORPHANS_MS = 1_000;

/** Sends the signal, and looks at how the run ends. Nothing of it is left afterwards. @param run What its processes are marked with. */
export async function interrupt(
  child: ReturnType<SimulatedProject["start"]>,
  run: string,
  how: Interruption | undefined,
): Promise<End> {
  const { pid } = child;
  const began = performance.now();
  if (pid !== undefined && how !== undefined)
    process.kill(how === "SIGTERM to the CLI" ? pid : -pid, how === "SIGTERM to the CLI" ? "SIGTERM" : "SIGINT");
  const { exitCode, all } = await child;
  const seconds = (performance.now() - began) / 1000;
  // The engine has just told its plugins to end.
  for (let waited = 0; waited < ORPHANS_MS && processesOf(run).length > 0; waited += 50) await sleep(50);
  const orphans = processesOf(run).map(({ command }) => command);
  await killTree(run);
  return { seconds, exitCode, orphans, output: all };
}

/** What is wrong with how an interrupted run ended. */
export function judgeEnd({ seconds, orphans }: End): string[] {
  const late = seconds > SECONDS ? [`it ended ${seconds.toFixed(1)} s after the signal`] : [];
  return [...late, ...orphans.map((command) => `it left a process behind: ${command}`)];
}

/** Runs the CLI, sends the signal at the moment, and looks at how it ends. */
export async function runAndInterrupt(
  rack: LaunchedRack,
  project: SimulatedProject,
  argv: readonly string[],
  how: Interruption,
  moment: Moment,
): Promise<InterruptedRun> {
  const run = randomUUID();
  const events = new RackEvents(rack);
  const child = project.start(argv, 120, marked(run));
  let ended = false;
  child.finally(() => {
    ended = true;
  });
  let printed = "";
  child.all.on("data", (part: Buffer) => {
    printed += part.toString("utf8");
  });
  const hasCome = () => {
    if ("at" in moment) return events.next().some(moment.at);
    if ("prints" in moment) return moment.prints.test(printed);
    return processesOf(run).some(({ command }) => moment.runs.test(command));
  };
  while (!ended && !hasCome()) await sleep(5);
  if (!ended) await sleep(moment.milliseconds ?? 0);
  const interrupted = !ended;
  return { interrupted, ...(await interrupt(child, run, interrupted ? how : undefined)) };
}
