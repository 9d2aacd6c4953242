import { setTimeout as sleep } from "node:timers/promises";
import type { LaunchedRack } from "../../../lab/simulated/launch.js";
import type { SimulatedProject } from "../../../lab/simulated/project.js";
import type { FaultOrder } from "../../../lab/simulated/schema.js";
import { type RackEvent, RackEvents } from "../rack-events.js";

/** An event of the rack, as a part of its line in events.jsonl. */
export type Sign = Readonly<Record<string, string>>;

/** Something that goes wrong as soon as the sign is seen; without one, before the run. */
export interface Injection {
  at?: Sign;
  order: FaultOrder;
}

export interface FaultyRun {
  exitCode: number | undefined;
  output: string;
  seconds: number;
  /** Those whose sign was never seen. */
  notInjected: readonly Injection[];
}

const shows = (event: RackEvent, sign: Sign) =>
  Object.entries(sign).every(([key, value]) => String(event[key]).endsWith(value));

/** Runs the CLI in a rack where things go wrong at their moments. */
export async function runWithFaults(
  rack: LaunchedRack,
  project: SimulatedProject,
  injections: readonly Injection[],
  seconds: number,
): Promise<FaultyRun> {
  const events = new RackEvents(rack);
  for (const { at, order } of injections) if (at === undefined) await rack.inject(order);
  let waiting = injections.filter(({ at }) => at !== undefined);
  const started = performance.now();
  const child = project.start(["up", "--yes", "--skip-preview"], seconds);
  let ended = false;
  child.finally(() => {
    ended = true;
  });
  while (!ended) {
    for (const event of events.next()) {
      const due = waiting.filter(({ at }) => shows(event, at ?? {}));
      waiting = waiting.filter((each) => !due.includes(each));
      for (const { order } of due) await rack.inject(order);
    }
    await sleep(5);
  }
  const { exitCode, all } = await child;
  return { exitCode, output: all, seconds: (performance.now() - started) / 1000, notInjected: waiting };
}

/** The errors that the user reads, by the name of the resource. */
export function errorsOf(output: string): Record<string, string> {
  const errors: Record<string, string> = {};
  const diagnostics = output.slice(output.indexOf("\nDiagnostics:"));
  let resource = "";
  for (const line of diagnostics.split("\n")) {
    resource = /^ {2}\S+ \((\S+)\):$/.exec(line)?.[1] ?? resource;
    // A failure that keeps a part is told as a list of one.
    const text = /^ +(?:error: (?!\d+ errors? occurred)|\t?\* )(.*)$/.exec(line.replaceAll("\t", " "))?.[1];
    if (text !== undefined && !(resource in errors)) errors[resource] = text.trim();
  }
  return errors;
}
