import { seesPower } from "../../drivers/bmc/drivers.js";
import type { SshAnswer } from "../../drivers/ssh/connect.js";
import { sshAnswers } from "../../drivers/ssh/probe.js";
import { FlintError, isFlintError } from "../../foundation/errors.js";
import { waitUntil } from "../../foundation/wait.js";
import { declaredGone, GONE, notGone } from "../gone.js";
import { isResumed } from "../membership/replaced.js";
import { inPhase } from "../phases.js";
import type { Run } from "../runtime/lifecycle.js";
import { withBmc } from "./bmc.js";
import { type CardOwner, ownerOfCard } from "./card-owner.js";
import { NodeContext } from "./context.js";
import { endOverride } from "./lasting-override.js";
import { leaveBeforeLetGo } from "./leave-before-let-go.js";
import type { NodeOutputs } from "./outputs.js";
import { cutPower, powerOff } from "./power-off.js";
import { type NodeRecord, readRecord } from "./record.js";
import { wasInstalled } from "./refused-changes.js";
import { type Registration, readRegistration, unregister } from "./registration.js";
import type { StoredNode } from "./schema.js";
import { unbegun } from "./unbegun.js";
import { wipeDisk } from "./wipe.js";

/** A BMC may show the new state a moment before the machine is there. */
const OFF_WITHIN_MS = 15_000;

/** What a machine says by which only its absence can be told from a fault. */
const SILENCE = ["BMC_UNREACHABLE", "BMC_TIMEOUT", "BMC_FROZEN", "SSH_UNREACHABLE"];

/**
 * Lets a machine go: taken out of its services where they list it still, wiped where that is declared, switched off by policy, its
 * registration removed.
 * One that `FLINT_GONE` names is neither wiped nor switched off, so that hardware which is no more does not hold up a stack.
 * @throws FlintError `NODE_NOT_GONE` when it answers all the same; that of a provisioning host which does not answer: nothing was
 * done then.
 */
export async function remove(want: StoredNode, run: Run<NodeOutputs>): Promise<void> {
  // The state is older than the machine, as one from a backup: the engine would let go of what it is about to make.
  if (isResumed(want.cluster, want.name)) {
    run.info(`${want.name} has been installed anew since this state was written: nothing is done to it.`);
    return;
  }
  const node = new NodeContext(want, run);
  const isGone = declaredGone(want.name);
  const owner = await nowAnothers(node);
  if (isGone && owner === undefined)
    refuseLiving(want.name, want.addresses.provisioning, await sshAnswers(node.systemTarget(), { signal: run.signal }));
  await leaveBeforeLetGo(node).catch((error: unknown) => {
    throw inPhase(want.name, "leaving the cluster", error);
  });
  if (owner !== undefined) {
    run.warn(
      `${want.name}: its machine is ${owner.name} now, by its MAC ${want.mac}. Only what is registered as ${want.name} is removed; nothing is done to the machine.`,
    );
  } else if (isGone) {
    const undone = { wipe: "neither wiped nor switched off", "power-off": "not switched off", leave: "left as it was" };
    run.warn(`${want.name} is taken as gone: it was ${undone[want.onDelete]}.`);
  } else {
    await letGo(node).catch((error: unknown) => {
      void node.unlock();
      throw inPhase(want.name, node.phase, withWayOut(error, want));
    });
    await node.unlock("restarts"); // what was wiped is off
  }
  node.say("removing its registration");
  const unregistered = node.host().then(async (host) => {
    const record = isGone ? undefined : await readRecord(host, want.pxe.root, want.name);
    // Of one that did not come up in its installer: nobody would know of that afterwards.
    if (record !== undefined && owner === undefined) await endOverride(node, record);
    await unregister(host, want, owner !== undefined);
  });
  await unregistered.catch((error: unknown) => {
    throw inPhase(want.name, "removal of its registration", error);
  });
}

/**
 * The engine lets go of what is declared no more at last: a machine that was given another name is that node by then. Nothing is
 * done to one of which the provisioning host does not say whose it is.
 * @throws FlintError the host's, in the phase that would have begun.
 */
async function nowAnothers(node: NodeContext<StoredNode>): Promise<CardOwner | undefined> {
  const { want, run, signal } = node;
  try {
    return await ownerOfCard(await node.host(), want);
  } catch (error) {
    signal.throwIfAborted();
    throw unbegun(error, want, run);
  }
}

async function letGo(node: NodeContext<StoredNode>): Promise<void> {
  const { onDelete } = node.want;
  if (onDelete === "leave") return;
  if (onDelete === "power-off") {
    node.phase = "power off";
    await powerOff(node);
  } else {
    const registration = await readRegistration(await node.host(), node.want);
    if (await wasLetGo(node, registration)) {
      node.run.warn(
        `${node.want.name} is off, and nothing is registered for it: a run that was ended has let it go before. If the provisioning host lost its files instead, its disk was not wiped: do that by hand.`,
      );
      return;
    }
    const { want, run, signal } = node;
    if (
      isUnwritten(want.disk.mark, registration.record, run.before) &&
      (await sshAnswers(node.systemTarget(), { signal })) !== "ready"
    ) {
      run.info(`${want.name} was not installed: nothing of its disks is wiped.`);
      node.phase = "power off";
      await powerOff(node);
      return;
    }
    node.phase = "wipe";
    await wipeDisk(node);
    node.phase = "power off";
    node.say("switching it off");
    // Not in order: a system that shuts down writes back what it knows of its file systems, over what was wiped.
    await cutPower(node);
  }
  await refuseRunning(node);
}

/** Some BMCs show a machine as off that runs: it would be forgotten, and run on. @throws FlintError `BMC_WRONG_STATE`. */
export async function refuseRunning(node: NodeContext<StoredNode>, withinMs = OFF_WITHIN_MS): Promise<void> {
  const { want, signal } = node;
  // Where nobody can see its power, its silence is what counted.
  if (!seesPower(want.bmc)) return;
  const isSilent = async () => (await sshAnswers(node.systemTarget(), { deadlineMs: 5_000, signal })) !== "ready";
  await waitUntil(isSilent, {
    reason: `${want.name} to be off, as its BMC shows it,`,
    subject: `${want.name}, power`,
    code: "BMC_WRONG_STATE",
    deadlineMs: withinMs,
    intervalMs: 1_000,
    lastSeen: () => `its system still answers ssh at ${want.addresses.provisioning}`,
    remedy:
      "Reset the BMC (not the machine) or switch the machine off by hand, then run the same command again: it goes on from here.",
    signal,
  });
}

/** What is registered goes last, after the wipe: a run that was killed then has left the machine off, and nothing here. */
async function wasLetGo(
  node: NodeContext<StoredNode>,
  { record, dhcpHost, bootScript }: Registration,
): Promise<boolean> {
  if (record !== undefined || dhcpHost !== undefined || bootScript !== undefined) return false;
  return withBmc(node, async (bmc) => (await bmc.power()) === "off");
}

/**
 * It came as far as its installer at most, as one whose disk was refused: what is on its disks is not this installation's, and
 * there is no system that could wipe it. Pure.
 */
export function isUnwritten(
  mark: string,
  record: Pick<NodeRecord, "phase" | "mark" | "written"> | undefined,
  before: Partial<NodeOutputs> = {},
): boolean {
  return record?.phase === "booting" && record.mark === mark && record.written !== true && !wasInstalled(before);
}

/** @throws FlintError `NODE_NOT_GONE` when that machine's own host key was shown. */
export function refuseLiving(name: string, address: string, answer: SshAnswer): void {
  if (answer === "ready" || answer === "auth-failed") throw notGone(name, `${name} itself answers ssh at ${address}`);
}

/** Who is refused for the sake of a machine that may be no more is told how to say so. The provisioning host is not it. Pure. */
export function withWayOut(error: unknown, { name, host }: Pick<StoredNode, "name" | "host">): unknown {
  if (!isFlintError(error) || !SILENCE.includes(error.code)) return error;
  if (error.subject === host.name || error.subject.startsWith(`${host.name}, `)) return error;
  const { code, subject, expected, found, remedy } = error;
  return new FlintError(code, {
    subject,
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
    remedy: `${remedy} If ${name} is gone for good: \`${GONE}=${name} pulumi up\`.`,
    cause: error,
  });
}
