import { waitUntil } from "../../foundation/wait.js";
import { anyReplaced } from "../membership/replaced.js";
import { defineLifecycle, type Lifecycle, type Run } from "../runtime/lifecycle.js";
import { announceLeaving, leavingOf, noteLeaving, SHARED, without } from "./leaving.js";
import { look } from "./look.js";
import { problemsOf, reportOf, type Sight, stateOf, strangersIn, summaryOf, withoutMembers } from "./report.js";
import { type HealthInputs, type HealthOutputs, type HealthState, inputsSchema } from "./schema.js";

/** Waits until everything is as declared, and says what is not when the time is over. */
async function converge(want: HealthInputs, run: Run<HealthOutputs>): Promise<HealthOutputs> {
  let problems: string[] = [];
  let state: HealthState = "failed";
  run.record({ healthy: false, summary: "not checked to the end", checked: [], checkedAt: "" });
  const sight = await waitUntil(
    async () => {
      const seen = await look(want, run.signal);
      problems = problemsOf(want, seen);
      state = stateOf(want, seen);
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
      remedy: "See the journal of the services named, then run `pulumi up` again.",
    },
  );
  const gone = Object.keys(leavingOf(String(want.self)));
  for (const stranger of strangersIn(want, gone, sight)) run.warn(stranger);
  // The engine takes them out after this check: what is told is what remains.
  return outputs(want, withoutMembers(sight, gone));
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

async function read(want: HealthInputs, run: Run<HealthOutputs>): Promise<HealthOutputs> {
  const sight = await look(want, run.signal);
  const seen = outputs(want, sight);
  if (!seen.healthy) run.warn(`cluster ${want.cluster} is ${seen.summary}`);
  return seen;
}

function withoutPolicy(nodes: unknown): unknown {
  const parsed = inputsSchema.shape.nodes.safeParse(nodes);
  if (!parsed.success) return nodes;
  return Object.fromEntries(Object.entries(parsed.data).map(([name, { onDelete: _, ...node }]) => [name, node]));
}

const shared = defineLifecycle<HealthInputs, HealthOutputs>({
  type: "ClusterHealth",
  inputs: inputsSchema,
  stored: inputsSchema,
  shared: [...SHARED],
  id: (want) => `${want.cluster}/health`,
  secrets: (want) => [want.clientKey],
  replaceOn: ["cluster"],
  ignore: ["deadlines", "clientCert", "clientKey"],
  // What becomes of a machine later says nothing about its health.
  compare: { nodes: withoutPolicy },
  unfinished: (olds) => olds.healthy === false,
  converge,
  read,
  async remove() {},
});

/**
 * Nodes that were only added are no change of this resource: a new node's own resources look at the cluster when they
 * end, and the preview of an expansion shows the new node alone (docs/decisions/0002-health-diff.md). Nodes that go are
 * one, and a preview says here what that does to the quorum: the engine asks nothing of a resource that it will delete.
 * Only `check` is given the inputs of the last run; a diff is given the outputs, which do not hold nodes that were added.
 */
export const lifecycle: Lifecycle = {
  ...shared,
  check: async (olds, news) => {
    const before = inputsSchema.shape.nodes.safeParse(olds.nodes);
    const after = inputsSchema.shape.nodes.safeParse(news.nodes);
    if (before.success && after.success) noteLeaving(String(news.self), without(before.data, after.data));
    return shared.check(olds, news);
  },
  diff: async (id, olds, news) => {
    const before = inputsSchema.shape.nodes.safeParse(olds.nodes);
    const after = inputsSchema.shape.nodes.safeParse(news.nodes);
    if (!before.success || !after.success) return shared.diff(id, olds, news);
    const gone = { ...leavingOf(String(news.self)), ...without(before.data, after.data) };
    const known = Object.fromEntries(Object.entries(after.data).filter(([name]) => name in before.data));
    const result = await shared.diff(id, olds, { ...news, nodes: known });
    await announceLeaving(news, gone);
    if (Object.keys(gone).length === 0 && !anyReplaced(String(news.cluster))) return result;
    return { ...result, changes: true };
  },
};
