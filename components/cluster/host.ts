import { remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { messageFrom } from "../../foundation/errors.js";
import { hostAnswers } from "./host-answers.js";
import { renderPrepare, renderThroughSudo, renderUnprepare } from "./render-host-script.js";
import type { HostAccess } from "./sources.js";

/** The host as our own ssh takes it: an SshTarget whose key may be known later. */
export interface SshTargetInput extends Omit<HostAccess, "jump"> {
  name: string;
  jump?: SshTargetInput;
}

/** Callers make it a secret as a whole: it holds the login key. */
export function sshTarget(host: HostAccess, name = "provisioning host"): SshTargetInput {
  const { jump, ...own } = host;
  return { name, ...own, ...(jump === undefined ? {} : { jump: sshTarget(jump, `jump host of the ${name}`) }) };
}

/** The host as @pulumi/command takes it. It checks one host key: the first. */
export function commandConnection(host: HostAccess): types.input.remote.ConnectionArgs {
  const own = (each: HostAccess) => ({
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

/** A script that needs root, as the account that logs in runs it. */
function forAccount(host: HostAccess, script: string): string {
  return host.sudo === true ? renderThroughSudo(host.user, script) : script;
}

/** Installs what is missing on the provisioning host and makes Flint's directory; undone on destroy. */
export function prepareHost(
  name: string,
  cluster: string,
  host: HostAccess,
  options: pulumi.CustomResourceOptions,
): remote.Command {
  const [script, undo] = [renderPrepare(cluster), renderUnprepare(cluster)].map((each) => forAccount(host, each));
  // Shown on the component: the command itself gets no URN when it fails.
  if (!pulumi.runtime.isDryRun()) void warnIfSilent(host, options.parent);
  return new remote.Command(
    name,
    // The script is idempotent: when a new version of Flint needs more, it runs again as update.
    { connection: commandConnection(host), create: script, update: script, delete: undo },
    options,
  );
}

/**
 * The command's own error ("Connection lost before handshake") names neither the setting nor a remedy. Only a warning:
 * with nothing to do on it, a host that is switched off is no mistake.
 */
async function warnIfSilent(host: HostAccess, resource: pulumi.Resource | undefined): Promise<void> {
  const first = host.jump ?? host;
  const setting = host.jump === undefined ? "pxe.host" : "pxe.host.jump";
  try {
    await hostAnswers(first.host, first.port, setting);
  } catch (error) {
    await pulumi.log.warn(messageFrom(error), resource);
  }
}
