import type * as pulumi from "@pulumi/pulumi";
import type { ResourceArgs } from "../deep-input.js";
import type { SharedInputs } from "../shared-inputs.js";
import { FlintResource } from "../shell.js";
import type { IdentityInputs } from "./schema.js";

export type NodeIdentityArgs = Omit<ResourceArgs<IdentityInputs>, keyof SharedInputs>;

/**
 * What one machine proves itself with: certificate, key and ssh host key. Made before the machine is installed, so that
 * all of it can be pinned. Replacing the resource makes new keys; names, CA and the end of its time make a new certificate.
 */
export class NodeIdentity extends FlintResource {
  /** PEM of the certificate. */
  declare readonly cert: pulumi.Output<string>;
  /** PEM of its key. Secret. */
  declare readonly key: pulumi.Output<string>;
  /** Private ssh host key. Secret. */
  declare readonly hostKey: pulumi.Output<string>;
  /** Public line of the ssh host key. */
  declare readonly hostKeyPublic: pulumi.Output<string>;
  /** When the certificate ends, ISO 8601. */
  declare readonly expires: pulumi.Output<string>;

  constructor(name: string, args: NodeIdentityArgs, options?: pulumi.CustomResourceOptions) {
    const secretOutputs = ["key", "hostKey"];
    const outputs = ["cert", ...secretOutputs, "hostKeyPublic", "expires"];
    super({ type: "NodeIdentity", folder: "node-identity", many: true, outputs, secretOutputs }, name, args, options);
  }
}
