import * as pulumi from "@pulumi/pulumi";
import type { ClusterArgs } from "./cluster/args.js";
import { configInvalid } from "./cluster/report.js";
import { CONFIG_KEY } from "./cluster/secret-config.js";

/**
 * `flint:cluster` of the stack, still unchecked: ClusterComponent checks what it is given.
 * @throws FlintError `CONFIG_INVALID` when the stack has none.
 */
export function clusterConfig(): ClusterArgs {
  // Not `new Config().getObject()`: that warns about every secret inside, and ClusterComponent marks those itself.
  const text = pulumi.runtime.getConfig(CONFIG_KEY);
  if (text === undefined) {
    const stack = pulumi.getStack();
    throw configInvalid(`stack ${stack}`, [
      {
        path: CONFIG_KEY,
        found: "missing",
        allowed: "a cluster, as in Pulumi.example.yaml",
        remedy: `Copy Pulumi.example.yaml to Pulumi.${stack}.yaml and adapt it.`,
      },
    ]);
  }
  return JSON.parse(text) as ClusterArgs;
}
