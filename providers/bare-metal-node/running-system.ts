import type { SshAnswer } from "../../drivers/ssh/connect.js";
import { sshAnswers } from "../../drivers/ssh/probe.js";
import type { SshTarget } from "../../drivers/ssh/target.js";
import { isFlintError, messageFrom } from "../../foundation/errors.js";
import { waitUntil } from "../../foundation/wait.js";
import { awaitReplaced } from "./await-replaced.js";
import { withBmc } from "./bmc.js";
import type { NodeContext } from "./context.js";
import { askQuorum, awaitVoter, oneAtATime } from "./disruption.js";
import { explainedSilence } from "./first-boot-failure.js";
import { type MachineIdentity, refuseOtherBmc } from "./machine-identity.js";
import { MATERIAL_PATHS, materialFiles } from "./material.js";
import type { StoredNode } from "./schema.js";
import { readSystemFacts, type SystemFacts, UNREAD } from "./system-facts.js";

/** After the answer has gone out: a reboot takes the connection along. */
export const REBOOT = "umount -R /mnt 2>/dev/null; sync; (sleep 1; reboot -f || reboot) >/dev/null 2>&1 &";

/** Reboots out of the installer. The connection breaks on the way: that is the answer. */
export async function leaveInstaller(node: NodeContext, target: SshTarget): Promise<void> {
  node.say("rebooting into the installed system");
  await node.unlock("restarts");
  // One that is not to be reached has restarted by itself, or does not: the wait for its system tells.
  await node
    .installer(target)
    .then((session) => session.script(REBOOT, [], { deadlineMs: 30_000, signal: node.signal, okCodes: [1, 32] }))
    .catch((error: unknown) => {
      node.signal.throwIfAborted();
      if (!isFlintError(error) || !error.code.startsWith("SSH_")) throw error;
    });
  node.reached("rebooted");
}

/** Switches an installed machine on. @throws FlintError `MACHINE_IDENTITY` when the BMC is another machine's. */
export async function powerOn(node: NodeContext<StoredNode & MachineIdentity>): Promise<void> {
  await withBmc(node, async (bmc) => {
    await refuseOtherBmc(node.want, bmc);
    await bmc.setPower("on", { signal: node.signal });
  });
  node.mark("powered-on");
}

/** How ssh answers at the node's address, as its users understand it. */
const IN_WORDS: Record<SshAnswer | "unasked", string> = {
  unasked: "not asked yet",
  timeout: "no answer yet",
  refused: "no sshd yet",
  "wrong-host-key": "another host key, as the installer's",
  "auth-failed": "the login is refused",
  ready: "ssh answers",
};

/** The same where nothing more is waited for. */
const FOUND: Record<SshAnswer | "unasked", string> = {
  unasked: "nothing",
  timeout: "no answer at all",
  refused: "no sshd on its address, or one that hangs up",
  "wrong-host-key": "another host key: another system has started, or the installer again",
  "auth-failed": "a system that refuses the cluster's login key",
  ready: "ssh answers, but not yet as it should",
};
const UNWRITTEN = "Then restart it and run `pulumi up` again. Its disk is not written again by itself.";
const SILENT = `Look at the machine's console: bootloader, kernel or network. ${UNWRITTEN}`;
const BUSY = `Look at the machine's console: it may be out of memory, or its disk may be failing. ${UNWRITTEN}`;
const OTHER_SYSTEM = `Look at the machine's console: in the BIOS the disk with the installed system must come first. ${UNWRITTEN}`;

interface AwaitOptions {
  /** What is shown meanwhile. */
  doing?: string;
  /** Which answer ends the waiting. Default: any. */
  accept?: (facts: SystemFacts) => boolean;
  /** Default: `deadlines.firstBoot`. */
  deadlineMs?: number;
  /** What is waited for, and what to do when it does not come. Default: the first answer. */
  reason?: string;
  remedy?: string;
}

/**
 * Waits until the installed system answers with its own host key, and reads what runs.
 * @throws FlintError `FIRST_BOOT_TIMEOUT` with how ssh answered last.
 */
export async function awaitSystem(
  node: NodeContext,
  { doing = "starting from disk", accept = () => true, deadlineMs, reason, remedy }: AwaitOptions = {},
): Promise<SystemFacts> {
  const { want } = node;
  let answer: SshAnswer | "unasked" = "unasked";
  let failed: string | undefined;
  const started = performance.now();
  return waitUntil(
    async (signal) => {
      node.say(`${doing} (${IN_WORDS[answer]})`);
      answer = await sshAnswers(node.systemTarget(), { signal });
      if (answer !== "ready") return undefined;
      // A machine that has just started may be too busy for a whole answer: the next look asks again.
      const read = async () => {
        const session = await node.system(signal);
        return readSystemFacts(session, MATERIAL_PATHS, signal);
      };
      const facts = await read().catch((error: unknown) => {
        failed = whyUnread(error, signal);
        return undefined;
      });
      node.signal.throwIfAborted();
      return facts !== undefined && facts.toplevel !== "" && accept(facts) ? facts : undefined;
    },
    {
      reason: reason ?? `the installed system of ${want.name} to answer ssh at ${want.addresses.provisioning}`,
      subject: want.name,
      code: "FIRST_BOOT_TIMEOUT",
      deadlineMs: deadlineMs ?? want.deadlines.firstBoot * 1000,
      intervalMs: 500,
      signal: node.signal,
      lastSeen: () => (answer === "ready" && failed !== undefined ? failed : FOUND[answer]),
      remedy: remedy ?? (() => (answer === "ready" ? BUSY : answer === "wrong-host-key" ? OTHER_SYSTEM : SILENT)),
    },
  ).catch(async (error: unknown) => {
    const silent = answer === "timeout" || answer === "refused";
    if (!silent || !isFlintError(error, "FIRST_BOOT_TIMEOUT")) throw error;
    throw await explainedSilence(node, error, performance.now() - started);
  });
}

function whyUnread(error: unknown, signal: AbortSignal): string {
  if (isFlintError(error)) return `a login, and then ${error.found}`;
  return signal.aborted ? "a login, and then no answer" : messageFrom(error);
}

/** Arguments: units. */
export const RESTART_READERS = `set -e
systemctl try-restart -- "$@"
rm -f -- ${UNREAD}
`;

/**
 * Replaces secrets that changed, then restarts the services that read them.
 * @param unread An earlier run has replaced some, and was ended before it could do that.
 */
export async function writeMaterial(node: NodeContext, paths: string[], unread: boolean): Promise<void> {
  await node.lockSystem();
  const session = await node.system();
  const write = async () => {
    for (const file of materialFiles(node.want)) {
      if (paths.includes(file.path)) await session.writeFile(file.path, file.content, file.mode);
    }
  };
  if (!unread && !paths.some((each) => each.endsWith(".crt") || each.endsWith(".key"))) return write();
  await awaitReplaced(node, "services");
  await oneAtATime(node, async () => {
    // Asked before the files are written: with them there, a restart by anybody else would have them read.
    const votes = await askQuorum(node, "services");
    await session.writeFile(UNREAD, "");
    await write();
    const services = ["chainfire", "flaredb", "iam", "plasmavmc"].map((name) => `${name}.service`);
    const options = { label: "restart of its services", deadlineMs: 120_000, signal: node.signal };
    await session.script(RESTART_READERS, services, options);
    await awaitVoter(node, votes);
  });
}

/** Reboots if kernel, initrd or kernel parameters changed; one machine at a time, and never against the quorum. */
export async function rebootIfNeeded(node: NodeContext, facts: SystemFacts): Promise<SystemFacts> {
  if (!facts.rebootNeeded) return facts;
  await node.lockSystem();
  await awaitReplaced(node, "machine");
  return oneAtATime(node, async () => {
    const votes = await askQuorum(node, "machine");
    node.say("rebooting: kernel or kernel parameters changed");
    const session = await node.system();
    await session.exec(["systemctl", "reboot"], { deadlineMs: 30_000, signal: node.signal }).catch(() => {
      node.signal.throwIfAborted();
    });
    await awaitSystem(node, { doing: "restarting", accept: ({ bootId }) => bootId !== facts.bootId });
    const after = await awaitVerdict(node);
    await awaitVoter(node, votes);
    return after;
  });
}

/** The first start of a system is a trial: what runs, and what is kept of a failure, is certain after its verdict. */
export function awaitVerdict(node: NodeContext): Promise<SystemFacts> {
  return awaitSystem(node, {
    doing: "waiting for its own health check",
    accept: (now) => !now.onTrial,
    reason: `${node.want.name}'s own verdict on the system that it started`,
    remedy:
      "See `journalctl -u flint-boot-check` on the machine. `deadlines.firstBoot` must be longer than its flint.rollback.bootDeadline.",
  });
}
