import { defineLifecycle, type Lifecycle } from "../runtime/lifecycle.js";
import { withSpecText } from "../runtime/spec-lifecycle.js";
import { readSpec } from "../runtime/spec-text.js";
import { targetSecrets } from "../ssh-target-schema.js";
import { noteKnown } from "./known.js";
import { endsSoon } from "./renewal.js";
import {
  type IdentityInputs,
  type IdentityOutputs,
  inputsSchema,
  type StoredIdentity,
  storedSchema,
} from "./schema.js";

const shared = defineLifecycle<IdentityInputs, IdentityOutputs, StoredIdentity>({
  type: "NodeIdentity",
  inputs: inputsSchema,
  stored: storedSchema,
  shared: ["ca", "caKey", "host"],
  id: (want) => `${want.cluster}/${want.node}`,
  secrets: (want) => [
    ...("caKey" in want ? [want.caKey] : []),
    ...(want.host === undefined ? [] : targetSecrets(want.host)),
  ],
  replaceOn: ["cluster", "node"],
  // A new CA has a new certificate, which is compared.
  ignore: ["caKey", "host"],
  unfinished: (olds) => endsSoon(olds) || olds.kept === false,
  work: () => import("./work.js"),
});

const withText = withSpecText(shared);

/** Only `check` learns that the state has this machine's keys, where a create makes others in their place. */
export const lifecycle: Lifecycle = {
  ...withText,
  check: async (olds, news) => {
    if (Object.keys(olds).length > 0) noteKnown(String(readSpec(news).self));
    return withText.check(olds, news);
  },
};
