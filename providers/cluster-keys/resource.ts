import type * as pulumi from "@pulumi/pulumi";
import { FlintResource } from "../shell.js";
import type { Keys } from "./schema.js";

export interface ClusterKeysArgs {
  cluster: pulumi.Input<string>;
  /** Names the key that seals (`sealId`). */
  sealedBy: pulumi.Input<string>;
}

/**
 * The cluster's keys, sealed, on its provisioning host: a stack that lost its state finds its machines again with them.
 * They come from the provider; what seals them is the key with which Flint logs in there, which the user keeps.
 */
export class ClusterKeys extends FlintResource {
  /** Keys that are to be used instead of the stack's own. Secret. */
  declare readonly restored: pulumi.Output<Partial<Keys>>;

  constructor(name: string, args: ClusterKeysArgs, options?: pulumi.CustomResourceOptions) {
    super(
      { type: "ClusterKeys", folder: "cluster-keys", secretOutputs: ["restored"] },
      name,
      { ...args, restored: {} },
      options,
    );
  }
}
