import { z } from "zod";
import { wasWarned } from "../runtime/found-changes.js";
import { defineLifecycle, type Properties } from "../runtime/lifecycle.js";
import { tell } from "../runtime/progress.js";
import { targetSecrets } from "../ssh-target-schema.js";
import { type ImageInputs, type ImageOutputs, inputsSchema, sourceSchema } from "./schema.js";

/** Another checkout has other paths; what is built from them has a digest. */
function withoutPaths(source: unknown): unknown {
  const { data } = sourceSchema.safeParse(source);
  return data !== undefined && "build" in data ? data.build.digest : source;
}

/** Says on the image's line what an update puts right, in a preview as in an update. */
function tellDamage({ damage }: Properties, news: Properties): void {
  const found = z.array(z.string()).safeParse(damage).data ?? [];
  const self = z.string().optional().catch(undefined).parse(news.self);
  if (found.length > 0 && !wasWarned(self, found)) tell(self, `puts right: ${found.join("; ")}`);
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
  announce: async ({ olds, news }) => tellDamage(olds, news),
  work: () => import("./work.js"),
});
