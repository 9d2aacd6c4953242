import { waitUntil } from "../../foundation/wait.js";
import { inPhase, inSharedPhase } from "../phases.js";
import type { Run } from "../runtime/lifecycle.js";
import { leavingOf, takenBackOf } from "./leaving.js";
import { look } from "./look.js";
import { Patience } from "./patience.js";
import {
  isLed,
  leftOf,
  problemsOf,
  remedyOf,
  reportOf,
  type Sight,
  stateOf,
  summaryOf,
  withoutMembers,
} from "./report.js";
import type { HealthInputs, HealthOutputs, HealthState } from "./schema.js";
import { letGoBefore, refuseLetGo } from "./taken-back.js";

/** Waits until everything is as declared, and says what is not when the time is over. */
export async function converge(want: HealthInputs, run: Run<HealthOutputs>): Promise<HealthOutputs> {
  let problems: string[] = [];
  let state: HealthState = "failed";
  let remedy = "";
  const takenBack = takenBackOf(String(want.self), want.cluster);
  let left: string[] = [];
  const started = performance.now();
  const patience = new Patience(want.deadlines.health * 1000);
  run.record({ healthy: false, summary: "not checked to the end", checked: [], checkedAt: "" });
  const letGo = refuseLetGo(want.cluster, await letGoBefore(want.cluster, takenBack, run.signal));
  if (letGo !== undefined) throw letGo; // nothing in this run makes them well
  const sight = await waitUntil(
    async (signal) => {
      const seen = await look(want, signal);
      problems = problemsOf(want, seen);
      state = stateOf(want, seen);
      remedy = remedyOf(want, seen);
      left = leftOf(takenBack, want, seen);
      const told = left.length > 0 || (isLed(seen) ? false : undefined);
      patience.looked(told, performance.now() - started);
      run.say(problems.length === 0 ? "healthy" : `${state}: ${problems.join("; ")}`);
      return problems.length === 0 ? seen : undefined;
    },
    {
      reason: `cluster ${want.cluster} to be healthy`,
      subject: `cluster ${want.cluster}`,
      code: "CLUSTER_UNHEALTHY",
      // Asked after each look.
      get deadlineMs() {
        return patience.deadlineMs;
      },
      intervalMs: 1000,
      maxIntervalMs: 5000,
      signal: run.signal,
      lastSeen: () => `${state}: ${problems.join("; ")}`,
      remedy: () => {
        if (takenBack.length === 0) return remedy;
        // One that still votes may have been begun in a run that was killed, as well as let go.
        return left.length > 0 ? removalTakenBack(left) : `${remedy} ${removalTakenBack(takenBack)}`;
      },
    },
  );
  const gone = Object.keys(leavingOf(String(want.self)));
  // The engine takes them out after this check: what is told is what remains.
  const seen = outputs(want, withoutMembers(sight, gone));
  warnOfStrangers(seen, run);
  return seen;
}

function removalTakenBack(nodes: readonly string[]): string {
  const [them, is] = nodes.length === 1 ? ["it", "is"] : ["them", "are"];
  return `If a run that was ended had begun to take ${nodes.join(", ")} out: \`pulumi up --refresh\` looks at ${them}, and makes what ${is} missing anew.`;
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
  if (!seen.healthy) run.warn(`cluster ${want.cluster} is ${seen.summary}. ${remedyOf(want, sight)}`);
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
