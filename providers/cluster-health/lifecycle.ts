import { waitUntil } from "../../foundation/wait.js";
import { defineLifecycle, type Lifecycle, type Run } from "../runtime/lifecycle.js";
import { look } from "./look.js";
import { problemsOf, summaryOf } from "./report.js";
import { type HealthInputs, type HealthOutputs, inputsSchema } from "./schema.js";

/** Waits until everything is as declared, and says what is not when the time is over. */
async function converge(want: HealthInputs, run: Run<HealthOutputs>): Promise<HealthOutputs> {
  let problems: string[] = [];
  run.record({ healthy: false, summary: "not checked to the end", checked: [], checkedAt: "" });
  const sight = await waitUntil(
    async () => {
      const seen = await look(want, run.signal);
      problems = problemsOf(want, seen);
      run.say(problems.length === 0 ? "healthy" : `waiting: ${problems.join("; ")}`);
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
      lastSeen: () => problems.join("; "),
      remedy: "See the journal of the services named, then run `pulumi up` again.",
    },
  );
  return outputs(want, true, summaryOf(want, sight));
}

function outputs(want: HealthInputs, healthy: boolean, summary: string): HealthOutputs {
  return { healthy, summary, checked: Object.keys(want.nodes).sort(), checkedAt: new Date().toISOString() };
}

async function read(want: HealthInputs, run: Run<HealthOutputs>): Promise<HealthOutputs> {
  const sight = await look(want, run.signal);
  const problems = problemsOf(want, sight);
  if (problems.length > 0) run.warn(`cluster ${want.cluster}: ${problems.join("; ")}`);
  return outputs(want, problems.length === 0, problems.length === 0 ? summaryOf(want, sight) : problems.join("; "));
}

const shared = defineLifecycle<HealthInputs, HealthOutputs>({
  type: "ClusterHealth",
  inputs: inputsSchema,
  stored: inputsSchema,
  shared: ["clientCert", "clientKey"],
  id: (want) => `${want.cluster}/health`,
  secrets: (want) => [want.clientKey],
  replaceOn: ["cluster"],
  ignore: ["deadlines", "clientCert", "clientKey"],
  unfinished: (olds) => olds.healthy === false,
  converge,
  read,
  async remove() {},
});

/**
 * Nodes that were only added are no change of this resource: a new node's own resources look at the cluster when they
 * end, and the preview of an expansion shows the new node alone (docs/decisions/0002-health-diff.md).
 */
export const lifecycle: Lifecycle = {
  ...shared,
  diff: async (id, olds, news) => {
    const before = inputsSchema.shape.nodes.safeParse(olds.nodes);
    const after = inputsSchema.shape.nodes.safeParse(news.nodes);
    if (!before.success || !after.success) return shared.diff(id, olds, news);
    const known = Object.fromEntries(Object.entries(after.data).filter(([name]) => name in before.data));
    return shared.diff(id, olds, { ...news, nodes: known });
  },
};
