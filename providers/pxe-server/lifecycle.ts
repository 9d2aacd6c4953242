import { defineLifecycle } from "../runtime/lifecycle.js";
import { targetSecrets } from "../ssh-target-schema.js";
import { inputsSchema, type PxeInputs, type PxeOutputs } from "./schema.js";

/** DHCP, TFTP and HTTP for network boot on one provisioning host. */
export const lifecycle = defineLifecycle<PxeInputs, PxeOutputs>({
  type: "PxeServer",
  inputs: inputsSchema,
  stored: inputsSchema,
  id: (inputs) => `pxe-${inputs.cluster}`,
  secrets: (inputs) => targetSecrets(inputs.host),
  replaceOn: ["cluster", "address"],
  unfinished: (olds) => (olds.drift?.length ?? 0) > 0,
  announce: async (change) => (await import("./tell-change.js")).announceChange(change),
  work: () => import("./work.js"),
});
