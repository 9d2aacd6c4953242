import { copyClosure } from "../../drivers/nix/copy.js";
import type { BuiltSystem } from "../../drivers/nix/driver.js";
import type { SshAnswer } from "../../drivers/ssh/connect.js";
import { sshAnswers } from "../../drivers/ssh/probe.js";
import { isFlintError } from "../../foundation/errors.js";
import type { NodeContext } from "./context.js";
import { copyFailure } from "./copy-failure.js";
import { awaitVoter, oneAtATime, votesOf } from "./disruption.js";
import { blamePower, isShownOff } from "./lost-power.js";
import { awaitSystem, awaitVerdict } from "./running-system.js";
import {
  type FollowOptions,
  followSwitch,
  rolledBackAtStart,
  SILENT_MS,
  switchWithRollback,
  withoutResult,
} from "./switch.js";
import type { SystemFacts } from "./system-facts.js";

/** How ssh answers while a machine restarts. */
const AWAY: readonly SshAnswer[] = ["timeout", "refused"];

/**
 * Copies the new system and switches to it, without a reboot. The node goes back when it does not become healthy. One that
 * restarts by itself meanwhile is waited for, and switches once more, unless that is what it went back from.
 * @param before What it said before.
 */
export async function switchSystem(
  node: NodeContext,
  system: BuiltSystem,
  before: SystemFacts | undefined,
): Promise<void> {
  await node.lockSystem();
  node.say("copying the new system");
  await copySystem(node, system);
  await oneAtATime(node, async () => {
    node.say("switching to the new system");
    const { want } = node;
    const change = () => switchWithRollback({ ...following(node), toplevel: system.toplevel });
    if ((await change()) === "switched") return;
    await awaitRestarted(node, "it has restarted in its switch");
    const { toplevel, rolledBack } = await awaitVerdict(node);
    const isNew = rolledBack?.system === system.toplevel && rolledBack.reason !== before?.rolledBack?.reason;
    if (isNew && toplevel !== system.toplevel)
      throw rolledBackAtStart(want.name, system.toplevel, toplevel, rolledBack.reason);
    // Where it has started with the new system there is nothing to do any more, and that is the answer.
    if ((await change()) !== "switched") throw withoutResult(want.name);
    await awaitVoter(node, await votesOf(node));
  });
}

/** A machine that restarts by itself meanwhile is waited for, and what is missing is sent once more. */
async function copySystem(node: NodeContext, { toplevel }: BuiltSystem): Promise<void> {
  const { signal, want } = node;
  const target = node.systemTarget();
  const copy = () => copyClosure(toplevel, target, { deadlineMs: want.deadlines.install * 1000, signal });
  const told = async (error: unknown) => {
    throw await copyFailure(target, error, signal);
  };
  await copy().catch(async (error: unknown) => {
    signal.throwIfAborted();
    const isAway = async () => AWAY.includes(await sshAnswers(target, { deadlineMs: 10_000, signal }));
    if (!isFlintError(error, "NIX_COPY") || !(await isAway())) return told(error);
    await awaitRestarted(node, "it has restarted while its new system was copied");
    await copy().catch(told);
  });
}

/** One that has lost its power is not waited for to the end: all others may wait for their turn meanwhile. */
async function awaitRestarted(node: NodeContext, doing: string): Promise<void> {
  const patienceMs = node.want.deadlines.firstBoot * 1000;
  await awaitSystem(node, { doing, deadlineMs: Math.min(SILENT_MS, patienceMs) }).catch(async (error: unknown) => {
    if (!isFlintError(error, "FIRST_BOOT_TIMEOUT") || patienceMs <= SILENT_MS || (await isShownOff(node))) throw error;
    return awaitSystem(node, { doing });
  });
}

/** Sees a switch through that an interrupted run has left behind: unconfirmed, it would be undone after a while. */
export async function endSwitch(node: NodeContext): Promise<void> {
  await node.lockSystem();
  node.say("a switch that was begun earlier is at work");
  // Confirmed at once: its turn among other disruptions may come after the node has gone back.
  const ended = followSwitch(following(node));
  ended.catch(() => {});
  const end = await oneAtATime(node, () => ended).catch((error: unknown) => {
    // Ended without a verdict, as by a restart, or with the machine's power: the next look tells what runs, if anything.
    if (isFlintError(error, "SYSTEM_MISMATCH") || isFlintError(error, "SSH_UNREACHABLE")) return undefined;
    throw error;
  });
  if (end !== undefined && end.state !== "switched")
    node.run.warn(`${node.want.name}: its earlier switch to ${end.system} is ${end.state}: ${end.reason}.`);
}

function following(node: NodeContext): FollowOptions {
  return {
    node: node.want.name,
    session: (signal) => node.system(signal),
    reachable: async (signal) => (await sshAnswers(node.systemTarget(), { signal })) === "ready",
    blamePower: (error) => blamePower(node, error),
    say: (text) => node.say(text),
    signal: node.signal,
  };
}
