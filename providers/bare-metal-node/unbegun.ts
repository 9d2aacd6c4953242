import { inPhase, type Phase } from "../phases.js";
import type { Run } from "../runtime/lifecycle.js";
import type { NodeOutputs } from "./outputs.js";
import type { StoredNode } from "./schema.js";

const REMOVAL: Record<StoredNode["onDelete"], Phase> = {
  leave: "removal of its registration",
  "power-off": "power off",
  wipe: "wipe",
};

/** The error of an operation that could not begin, as that of the phase that it would have begun with. */
export function unbegun(
  error: unknown,
  { name, onDelete }: StoredNode,
  { operation }: Pick<Run<NodeOutputs>, "operation">,
): unknown {
  return inPhase(name, operation === "delete" ? REMOVAL[onDelete] : "first look", error);
}
