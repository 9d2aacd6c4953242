import { local, remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { commandConnection } from "./host.js";
import type { NodePlan } from "./plan.js";
import type { Hook } from "./schema.js";
import { configHoldsSecrets } from "./secret-config.js";
import type { HostAccess } from "./sources.js";

/** Without an update command the create command would run again on every machine when its text is edited. */
const NOTHING = "true";

/** Runs a command of the user's around one node's installation; again only when that node is installed again. */
export function nodeHook(
  name: string,
  hook: Hook,
  cluster: string,
  node: NodePlan,
  host: HostAccess,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const environment = {
    FLINT_CLUSTER: cluster,
    FLINT_NODE: node.name,
    FLINT_ADDRESS: node.data.networks.provisioning.address,
    FLINT_PROFILE: node.data.profile,
  };
  const triggers = [node.mark];
  const kept = (command: string) => (configHoldsSecrets() ? pulumi.secret(command) : command);
  if (hook.on === "operator" || "local" in host) {
    return new local.Command(name, { create: kept(hook.run), update: NOTHING, environment, triggers }, options);
  }
  // sshd passes on only the variables that its AcceptEnv names, so they travel in the command. Their values are names
  // and addresses that the schema checked: nothing in them needs quoting.
  const assignments = Object.entries(environment).map(([key, value]) => `export ${key}=${value}`);
  return new remote.Command(
    name,
    {
      connection: commandConnection(host),
      create: kept(`${assignments.join("\n")}\n${hook.run}`),
      update: NOTHING,
      triggers,
    },
    options,
  );
}
