import { defineLifecycle } from "../runtime/lifecycle.js";
import { targetSecrets } from "../ssh-target-schema.js";
import { type ImageInputs, type ImageOutputs, inputsSchema, sourceSchema } from "./schema.js";

/** Another checkout has other paths; what is built from them has a digest. */
function withoutPaths(source: unknown): unknown {
  const { data } = sourceSchema.safeParse(source);
  return data !== undefined && "build" in data ? data.build.digest : source;
}

/** Kernel and initrd that machines of one profile boot from the network, on the provisioning host's web server. */
export const lifecycle = defineLifecycle<ImageInputs, ImageOutputs>({
  type: "NetbootImage",
  inputs: inputsSchema,
  stored: inputsSchema,
  id: (inputs) => `image-${inputs.cluster}-${inputs.profile}`,
  secrets: (inputs) => targetSecrets(inputs.host),
  replaceOn: ["cluster", "profile"],
  // Patience is no property of an image.
  ignore: ["deadlines"],
  compare: { source: withoutPaths },
  unfinished: (olds) => (olds.damage?.length ?? 0) > 0,
  work: () => import("./work.js"),
});
