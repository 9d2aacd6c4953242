import { sshAnswers } from "../../drivers/ssh/probe.js";
import { isFlintError } from "../../foundation/errors.js";
import { seconds, waitUntil } from "../../foundation/wait.js";
import { withBmc } from "./bmc.js";
import type { NodeContext } from "./context.js";
import type { StoredNode } from "./schema.js";

/** What systemd gives a service to stop (DefaultTimeoutStopSec); whoever takes longer is switched off by force. */
const ORDERLY_MS = 90_000;

/**
 * Shuts the operating system down, so that file systems and services end in order, and sees to it that the machine is
 * off: by force when the system does not answer, does not let anyone in, or does not end in time.
 */
export async function powerOff(node: NodeContext<StoredNode>, orderlyMs = ORDERLY_MS): Promise<void> {
  node.say("switching it off");
  const isOff = () => withBmc(node, async (bmc) => (await bmc.power()) === "off");
  if (await isOff()) return;
  if (await shutDown(node)) {
    // Of a machine without a BMC nobody knows when it is off.
    if (node.want.bmc.type === "manual") return;
    node.say("shutting down");
    const ended = await waitUntil(isOff, {
      reason: `${node.want.name} to shut down`,
      deadlineMs: orderlyMs,
      intervalMs: 1_000,
      maxIntervalMs: 5_000,
      remedy: "",
      signal: node.signal,
    }).catch((error: unknown) => {
      if (!isFlintError(error, "WAIT_TIMEOUT")) throw error;
      node.run.info(`${node.want.name} did not shut down within ${seconds(orderlyMs)}: it is switched off by force.`);
      return false;
    });
    if (ended) return;
  }
  await withBmc(node, (bmc) => bmc.setPower("off", { signal: node.signal }));
}

/** True: the system has taken the order. */
async function shutDown(node: NodeContext<StoredNode>): Promise<boolean> {
  const answer = await sshAnswers(node.systemTarget(), { deadlineMs: 10_000, signal: node.signal });
  if (answer !== "ready") return false;
  node.say("asking its system to shut down");
  try {
    const session = await node.system();
    // The connection may end before the answer comes.
    await session.script("systemctl poweroff --no-block", [], { deadlineMs: 15_000, signal: node.signal });
    return true;
  } catch {
    node.signal.throwIfAborted();
    return false;
  }
}
