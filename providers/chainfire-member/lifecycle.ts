import { previewJoin } from "../membership/preview.js";
import { defineLifecycle, type Lifecycle } from "../runtime/lifecycle.js";
import { tell } from "../runtime/progress.js";
import { withShared } from "../runtime/shared.js";
import { withSpecText } from "../runtime/spec-lifecycle.js";
import { endpointsOf } from "./access.js";
import { inputsSchema, type MemberInputs, type MemberOutputs } from "./schema.js";

const SHARED = ["ca", "clientCert", "clientKey"] as const;

const shared = defineLifecycle<MemberInputs, MemberOutputs>({
  type: "ChainfireMember",
  inputs: inputsSchema,
  stored: inputsSchema,
  shared: [...SHARED],
  id: (want) => `${want.cluster}/${want.service}/${want.node}`,
  secrets: (want) => [want.clientKey],
  replaceOn: ["cluster", "service", "node", "raftAddr"],
  // Patience, and how the cluster was born, are no properties of a member that votes.
  ignore: ["deadlines", "bootstrap"],
  unfinished: (olds) => olds.voter !== undefined && !olds.voter,
  work: () => import("./work.js"),
});

/**
 * A preview asks nothing of a resource that will be created but its check, so that is where the cluster is looked at: a
 * member that joins says what it does to the quorum. Those that form the cluster have nothing to look at yet.
 */
export const lifecycle: Lifecycle = withSpecText({
  ...shared,
  check: async (olds, news) => {
    const result = await shared.check(olds, news);
    const want = inputsSchema.safeParse(withShared(SHARED, result.inputs));
    if (result.failures.length > 0 || Object.keys(olds).length > 0 || !want.success || want.data.bootstrap)
      return result;
    const { node: id, raftAddr, self } = want.data;
    const text = await previewJoin(endpointsOf(want.data), { id, raftAddr });
    if (text !== undefined) tell(self, text);
    return result;
  },
});
