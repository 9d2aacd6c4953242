import { anyReplaced } from "../membership/replaced.js";
import { defineLifecycle, type Lifecycle } from "../runtime/lifecycle.js";
import { withSpecText } from "../runtime/spec-lifecycle.js";
import { announceLeaving, goneOf, noteAdded, noteLeaving, SHARED, takenBackOf, without } from "./leaving.js";
import { type HealthInputs, type HealthOutputs, inputsSchema } from "./schema.js";

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
  // Of the cluster's keys, which wait for the provisioning host.
  fromOthers: ["ca"],
  id: (want) => `${want.cluster}/health`,
  secrets: (want) => [want.clientKey],
  replaceOn: ["cluster"],
  ignore: ["deadlines", "clientCert", "clientKey"],
  // What becomes of a machine later says nothing about its health.
  compare: { nodes: withoutPolicy },
  unfinished: (olds) => olds.healthy === false,
  last: ["create", "update"],
  work: () => import("./work.js"),
});

/**
 * Nodes that were only added are no change of this resource: a new node's own resources look at the cluster when they
 * end, and the preview of an expansion shows the new node alone (docs/decisions/0002-health-diff.md). Nodes that go are
 * one, and a preview says here what that does to the quorum: the engine asks nothing of a resource that it will delete.
 * Only `check` is given the inputs of the last run; a diff is given the outputs, which do not hold nodes that were added.
 */
export const lifecycle: Lifecycle = withSpecText({
  ...shared,
  check: async (olds, news) => {
    const before = inputsSchema.shape.nodes.safeParse(olds.nodes);
    const after = inputsSchema.shape.nodes.safeParse(news.nodes);
    if (before.success && after.success) {
      noteLeaving(String(news.self), without(before.data, after.data));
      noteAdded(String(news.self), without(after.data, before.data));
    }
    return shared.check(olds, news);
  },
  diff: async (id, olds, news) => {
    const before = inputsSchema.shape.nodes.safeParse(olds.nodes);
    const after = inputsSchema.shape.nodes.safeParse(news.nodes);
    if (!before.success || !after.success) return shared.diff(id, olds, news);
    const gone = goneOf(String(news.self), before.data, after.data);
    const known = Object.fromEntries(Object.entries(after.data).filter(([name]) => name in before.data));
    const result = await shared.diff(id, olds, { ...news, nodes: known });
    await announceLeaving(news, gone);
    const takenBack = takenBackOf(String(news.self), String(news.cluster));
    if (Object.keys(gone).length === 0 && takenBack.length === 0 && !anyReplaced(String(news.cluster))) return result;
    return { ...result, changes: true };
  },
});
