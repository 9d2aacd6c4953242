import { waitUntil } from "../../foundation/wait.js";
import { inPhase, inSharedPhase } from "../phases.js";
import type { Run } from "../runtime/lifecycle.js";
import { leavingOf } from "./leaving.js";
import { look } from "./look.js";
import { problemsOf, remedyOf, reportOf, type Sight, stateOf, summaryOf, withoutMembers } from "./report.js";
import type { HealthInputs, HealthOutputs, HealthState } from "./schema.js";

/** Waits until everything is as declared, and says what is not when the time is over. */
export async function converge(want: HealthInputs, run: Run<HealthOutputs>): Promise<HealthOutputs> {
  let problems: string[] = [];
  let state: HealthState = "failed";
  let remedy = "";
  run.record({ healthy: false, summary: "not checked to the end", checked: [], checkedAt: "" });
  const sight = await waitUntil(
    async () => {
      const seen = await look(want, run.signal);
      problems = problemsOf(want, seen);
      state = stateOf(want, seen);
      remedy = remedyOf(seen);
      run.say(problems.length === 0 ? "healthy" : `${state}: ${problems.join("; ")}`);
      return problems.length === 0 ? seen : undefined;
    },
    {
      reason: `cluster ${want.cluster} to be healthy`,
      subject: `cluster ${want.cluster}`,
      code: "CLUSTER_UNHEALTHY",
      deadlineMs: want.deadlines.health * 1000,
      intervalMs: 1000,
      maxIntervalMs: 5000,
      signal: run.signal,
      lastSeen: () => `${state}: ${problems.join("; ")}`,
      remedy: () => remedy,
    },
  );
  const gone = Object.keys(leavingOf(String(want.self)));
  // The engine takes them out after this check: what is told is what remains.
  const seen = outputs(want, withoutMembers(sight, gone));
  warnOfStrangers(seen, run);
  return seen;
}

function outputs(want: HealthInputs, sight: Sight): HealthOutputs {
  const report = reportOf(want, sight);
  const healthy = report.state === "healthy";
  return {
    healthy,
    report,
    summary: healthy ? summaryOf(want, sight) : `${report.state}: ${report.problems.join("; ")}`,
    checked: Object.keys(want.nodes).sort(),
    checkedAt: new Date().toISOString(),
  };
}

export async function read(want: HealthInputs, run: Run<HealthOutputs>): Promise<HealthOutputs> {
  const sight = await look(want, run.signal);
  const seen = outputs(want, sight);
  if (!seen.healthy) run.warn(`cluster ${want.cluster} is ${seen.summary}. ${remedyOf(sight)}`);
  warnOfStrangers(seen, run);
  return seen;
}

function warnOfStrangers({ report }: HealthOutputs, run: Run<HealthOutputs>): void {
  for (const stranger of report?.undeclared ?? []) run.warn(stranger);
}

export function unbegun(
  error: unknown,
  { cluster }: HealthInputs,
  { operation }: Pick<Run<HealthOutputs>, "operation">,
): unknown {
  return operation === "delete" ? inSharedPhase("removal", error) : inPhase(`cluster ${cluster}`, "last look", error);
}

/** A look leaves nothing behind. */
export async function remove(): Promise<void> {}
