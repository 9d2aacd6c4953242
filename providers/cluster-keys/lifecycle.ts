import { defineLifecycle } from "../runtime/lifecycle.js";
import { targetSecrets } from "../ssh-target-schema.js";
import { inputsSchema, type KeysInputs, type KeysOutputs, type StoredKeys, storedSchema } from "./schema.js";

export const lifecycle = defineLifecycle<KeysInputs, KeysOutputs, StoredKeys>({
  type: "ClusterKeys",
  inputs: inputsSchema,
  stored: storedSchema,
  shared: ["host", "loginKey", "ca", "caKey", "clientCert", "clientKey"],
  id: (want) => `${want.cluster}/keys`,
  secrets: (want) => [
    ...targetSecrets(want.host),
    ...("caKey" in want ? [want.caKey, want.clientKey, want.loginKey.privateKey] : []),
  ],
  replaceOn: ["cluster"],
  ignore: ["restored"],
  unfinished: (olds) => olds.kept === false,
  last: ["delete"],
  work: () => import("./work.js"),
});
