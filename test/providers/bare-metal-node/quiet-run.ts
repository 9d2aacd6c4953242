import type { NodeOutputs } from "../../../providers/bare-metal-node/outputs.js";
import type { Run } from "../../../providers/runtime/lifecycle.js";

/** An operation that nobody listens to and nobody ends, but for what is given. */
export function quietRun(own: Partial<Run<NodeOutputs>> = {}): Run<NodeOutputs> {
  const nothing = () => {};
  return {
    operation: "create",
    signal: new AbortController().signal,
    before: undefined,
    say: nothing,
    info: nothing,
    warn: nothing,
    record: nothing,
    ...own,
  };
}
