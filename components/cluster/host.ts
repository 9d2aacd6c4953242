import { local, remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { LocalTarget, SshTarget } from "../../drivers/ssh/target.js";
import { messageFrom } from "../../foundation/errors.js";
import { hostAnswers } from "./host-answers.js";
import { renderAsRoot, renderPrepare, renderThroughSudo, renderUnprepare } from "./render-host-script.js";
import type { HostAccess, SshAccess } from "./sources.js";

/** The host as our own ssh takes it: an SshTarget whose key may be known later. */
export interface SshTargetInput extends Omit<SshAccess, "jump"> {
  name: string;
  jump?: SshTargetInput;
}

const NAME = "provisioning host";

/** The provisioning host as resources take it. Callers make it a secret as a whole: it may hold the login key. */
export function hostTarget(host: HostAccess): SshTargetInput | LocalTarget {
  return "local" in host ? { name: NAME, local: true } : sshTarget(host, NAME);
}

function sshTarget(host: SshAccess, name: string): SshTargetInput {
  const { jump, ...own } = host;
  return { name, ...own, ...(jump === undefined ? {} : { jump: sshTarget(jump, `jump host of the ${name}`) }) };
}

/** The host as @pulumi/command takes it. It checks one host key: the first. */
export function commandConnection(host: SshAccess): types.input.remote.ConnectionArgs {
  const own = (each: SshAccess) => ({
    host: each.host,
    port: each.port,
    user: each.user,
    privateKey: pulumi.secret(each.privateKey),
    hostKey: each.hostKeys[0],
    // The defaults (10 attempts of 15 s) let a wrong address wait for minutes.
    dialErrorLimit: 2,
    perDialTimeout: 10,
  });
  return { ...own(host), ...(host.jump === undefined ? {} : { proxy: own(host.jump) }) };
}

/** Installs what is missing on the provisioning host and makes Flint's directory; undone on destroy. */
export function prepareHost(
  name: string,
  cluster: string,
  host: HostAccess,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource {
  // The script is idempotent: when a new version of Flint needs more, it runs again as update.
  const scripts = (asRoot: (script: string) => string) => {
    const script = asRoot(renderPrepare(cluster));
    return { create: script, update: script, delete: asRoot(renderUnprepare(cluster)) };
  };
  if ("local" in host) return new local.Command(name, scripts(renderAsRoot), options);
  // Shown on the component: the command itself gets no URN when it fails.
  if (!pulumi.runtime.isDryRun()) void warnIfSilent(host, options.parent);
  const own = scripts((script) => (host.sudo === true ? renderThroughSudo(host.user, script) : script));
  return new remote.Command(name, { connection: commandConnection(host), ...own }, options);
}

/**
 * The command's own error names neither the setting nor a remedy. Only a warning: with nothing to do on it, a host that is
 * switched off is no mistake.
 */
async function warnIfSilent(host: SshAccess, resource: pulumi.Resource | undefined): Promise<void> {
  try {
    await hostAnswers(await withKeys(sshTarget(host, NAME)));
  } catch (error) {
    await pulumi.log.warn(messageFrom(error), resource);
  }
}

/** A login key may be made in the same run. */
async function withKeys({ jump, privateKey, ...target }: SshTargetInput): Promise<SshTarget> {
  const key = await new Promise<string>((resolve) => void pulumi.output(privateKey).apply(resolve));
  return { ...target, privateKey: key, ...(jump === undefined ? {} : { jump: await withKeys(jump) }) };
}
