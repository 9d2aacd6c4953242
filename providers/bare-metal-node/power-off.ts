import { sshAnswers } from "../../drivers/ssh/probe.js";
import { isFlintError } from "../../foundation/errors.js";
import { seconds, waitUntil } from "../../foundation/wait.js";
import { withBmc } from "./bmc.js";
import type { NodeContext } from "./context.js";
import { PHASES } from "./outputs.js";
import type { StoredNode } from "./schema.js";

const SILENCE = ["BMC_UNREACHABLE", "BMC_TIMEOUT", "BMC_FROZEN"];
/** systemd gives each service 90 s to stop (DefaultTimeoutStopSec), and unmounts after that. */
const ORDERLY_MS = 150_000;
/** A system that lets nobody in may be hung, and then waits for nothing. */
const BUTTON_MS = 60_000;

/**
 * Shuts the operating system down, so that file systems and services end in order, and sees to it that the machine is
 * off: by force when the system does not end in time. One that does not answer ssh, or does not let anyone in, is asked
 * through the BMC first, as by the power button.
 */
export async function powerOff(
  node: NodeContext<StoredNode>,
  { orderlyMs = ORDERLY_MS, buttonMs = BUTTON_MS } = {},
): Promise<void> {
  node.say("switching it off");
  const power = await withBmc(node, (bmc) => bmc.power());
  if (power === "off") return;
  if (await shutDown(node)) {
    if (await ended(node, power === "unknown", orderlyMs)) return;
  } else if (wasInstalled(node) && (await pressButton(node))) {
    if (await ended(node, false, buttonMs)) return;
  }
  await cutPower(node);
}

/** An installer has nothing that a cut of its power could harm. */
function wasInstalled({ run }: NodeContext<StoredNode>): boolean {
  const phase = run.before?.phase;
  return phase !== undefined && PHASES.indexOf(phase) >= PHASES.indexOf("installed");
}

/** False: this BMC cannot ask. */
async function pressButton(node: NodeContext<StoredNode>): Promise<boolean> {
  const asked = await withBmc(node, async (bmc) => (await bmc.requestShutdown?.()) === true);
  if (asked) node.say("asking its system to shut down, through the BMC");
  return asked;
}

/** At once, as a person holds the power button. */
export async function cutPower(node: NodeContext<StoredNode>): Promise<void> {
  await withBmc(node, (bmc) => bmc.setPower("off", { signal: node.signal }));
}

/** False: the system has not taken the order. */
async function shutDown(node: NodeContext<StoredNode>): Promise<boolean> {
  const answer = await sshAnswers(node.systemTarget(), { deadlineMs: 10_000, signal: node.signal });
  if (answer !== "ready") return false;
  await node.lockSystem().catch((error: unknown) => {
    node.signal.throwIfAborted();
    if (isFlintError(error, "NODE_LOCKED")) throw error;
  });
  await node.unlock("restarts");
  node.say("asking its system to shut down");
  try {
    const session = await node.system();
    await session.exec(["systemctl", "poweroff", "--no-block"], { deadlineMs: 15_000, signal: node.signal });
  } catch (error) {
    node.signal.throwIfAborted();
    // A connection that ends before the answer comes is a system that is shutting down.
    const refused = isFlintError(error, "SSH_COMMAND") && error.found?.startsWith("exit code") === true;
    return !refused && !isFlintError(error, "SSH_UNREACHABLE");
  }
  return true;
}

/** Waits until the machine is off; where nobody can see that, until its system does not answer any more. */
async function ended(node: NodeContext<StoredNode>, unseen: boolean, orderlyMs: number): Promise<boolean> {
  const { name } = node.want;
  node.say("shutting down");
  const silent = async () =>
    (await sshAnswers(node.systemTarget(), { deadlineMs: 5_000, signal: node.signal })) !== "ready";
  return waitUntil(unseen ? silent : () => isOff(node), {
    reason: `${name} to shut down`,
    deadlineMs: orderlyMs,
    intervalMs: 1_000,
    maxIntervalMs: 5_000,
    remedy: "",
    signal: node.signal,
  }).catch((error: unknown) => {
    if (!isFlintError(error, "WAIT_TIMEOUT")) throw error;
    node.run.info(`${name} did not shut down within ${seconds(orderlyMs)}: it is switched off by force.`);
    return false;
  });
}

/** A BMC that shares the machine's network card loses its link when the machine goes down: ask again. */
async function isOff(node: NodeContext<StoredNode>): Promise<boolean> {
  try {
    return await withBmc(node, async (bmc) => (await bmc.power()) === "off");
  } catch (error) {
    node.signal.throwIfAborted();
    if (SILENCE.some((code) => isFlintError(error, code))) return false;
    throw error;
  }
}
