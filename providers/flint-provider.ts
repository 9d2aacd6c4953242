import * as pulumi from "@pulumi/pulumi";
import type { DeepInput } from "./deep-input.js";
import { SHARED } from "./runtime/shared.js";
import type { SharedInputs } from "./shared-inputs.js";

/**
 * The provider of one cluster's resources, with what they share: kept once in the state, encrypted, instead of with
 * every resource. The engine hands it to the provider process before it asks anything else, on destroy from the state
 * as well. Its change (another login key, another BMC password) is shown as the provider's own, and as no other's.
 */
export class FlintProvider extends pulumi.ProviderResource {
  constructor(
    name: string,
    shared: { [K in keyof SharedInputs]: DeepInput<SharedInputs[K]> },
    options?: pulumi.ResourceOptions,
  ) {
    super("pulumi-nodejs", name, { [SHARED]: pulumi.secret(pulumi.jsonStringify(shared)) }, options);
  }
}
