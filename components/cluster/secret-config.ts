import * as pulumi from "@pulumi/pulumi";

/** Under which a stack's configuration has its cluster. */
export const CONFIG_KEY = "flint:cluster";

/**
 * Whether anything in the stack's configuration of the cluster was set with `pulumi config set --secret`. The engine tells it of
 * the whole, not of each value; the SDK has a function for it that it does not declare, and one without it knows of no secret.
 */
export function configHoldsSecrets(): boolean {
  const isSecret: unknown = Reflect.get(pulumi.runtime, "isConfigSecret");
  return typeof isSecret === "function" && isSecret(CONFIG_KEY) === true;
}
