import { setTimeout as sleep } from "node:timers/promises";
import { isFlintError } from "../../../foundation/errors.js";
import { waitUntil } from "../../../foundation/wait.js";
import { isSilence } from "../breaker.js";
import type { PowerState } from "../driver.js";
import { BUSY, type RedfishClient, retryAfterMs } from "./client.js";
import { refused, unexpectedAnswer } from "./errors.js";
import { hasMessage, refusalText } from "./messages.js";
import { effectsFor } from "./quirks.js";
import { actionInfo, type ComputerSystem } from "./schema.js";
import { readSystem, type SeenSystem } from "./system.js";
import { finished } from "./tasks.js";

/** What Redfish says, as a user means it. A transition counts as the state it comes from. */
const STATES: Record<string, PowerState> = {
  On: "on",
  Off: "off",
  PoweringOn: "off",
  PoweringOff: "on",
  Paused: "on",
};
const TRANSITIONS = ["PoweringOn", "PoweringOff"];

/**
 * Reset types that lead to a state, the surest first. GracefulShutdown asks an operating system that may be hung, and the
 * button toggles: those two are for BMCs that offer nothing better.
 */
const WAYS: Record<PowerState, readonly string[]> = {
  on: ["On", "ForceOn", "PushPowerButton"],
  off: ["ForceOff", "GracefulShutdown", "PushPowerButton"],
};

const LOOK_MS = 100;
const MAX_SENDS = 3;

export function powerOf(client: RedfishClient, { path, resource }: SeenSystem): PowerState {
  const state = STATES[resource.PowerState ?? ""];
  if (state === undefined)
    throw unexpectedAnswer(client.bmc, `PowerState On or Off at ${path}`, String(resource.PowerState ?? "none"));
  return state;
}

/**
 * Looks, sends one reset if the state is the other one, and looks until it is there. A reset whose answer was lost is
 * sent again only after another look, and never when it toggles.
 */
export async function reachPower(
  client: RedfishClient,
  path: string,
  goal: PowerState,
  options: { signal: AbortSignal; onSeen: (what: string) => void },
): Promise<void> {
  const { signal, onSeen } = options;
  let sends = 0;
  let accepted: boolean | Busy = false;
  let last: string | undefined;
  await waitUntil(
    async () => {
      const fallsSilent = () => {
        const how = client.busy === undefined ? "does not answer" : `answers ${client.busy}`;
        if (last !== undefined) onSeen(`${last}, and then a BMC that ${how}`);
      };
      const silence = setTimeout(fallsSilent, client.tuning.requestMs);
      const seen = await readSystem(client, path, signal)
        .catch((error: unknown) => {
          // A BMC that has answered before and restarts, or shares a card that loses its link: it comes back.
          if (last === undefined || !isFlintError(error) || !isSilence(error)) throw error;
          fallsSilent();
          return undefined;
        })
        .finally(() => clearTimeout(silence));
      if (seen === undefined) return undefined;
      last = seen.resource.PowerState ?? "no PowerState";
      onSeen(`${last}${accepted ? ", although the BMC accepted the change" : ""}`);
      if (TRANSITIONS.includes(last)) return undefined;
      if (powerOf(client, seen) === goal) return true;
      if (accepted || sends >= MAX_SENDS) return undefined;
      const way = await chooseWay(client, seen.resource, goal, signal);
      sends += 1;
      const passing = effectsFor(seen.resource).passing ?? [];
      accepted = await send(client, way, goal, passing, signal).catch(async (error: unknown) => {
        // "Already on" is a refusal too: look before believing that nothing will happen.
        const now = await readSystem(client, path, signal);
        const lost = isFlintError(error, "BMC_UNREACHABLE") || isFlintError(error, "BMC_TIMEOUT");
        if (powerOf(client, now) === goal || TRANSITIONS.includes(now.resource.PowerState ?? "")) return true;
        if (lost && way.type === "PushPowerButton") return true; // pressing twice could undo the first
        if (lost && sends < MAX_SENDS) return false;
        throw error;
      });
      if (typeof accepted === "boolean") return undefined;
      // "Not now", said by the BMC: it does not count, and is repeated until the caller's deadline.
      sends -= 1;
      onSeen(`${last}, and a BMC that is busy: ${accepted.text}`);
      await pause(accepted.waitMs, signal);
      accepted = false;
      return undefined;
    },
    // The caller's signal carries the deadline: it also covers the login.
    {
      reason: `power ${goal}`,
      deadlineMs: Number.MAX_SAFE_INTEGER,
      intervalMs: LOOK_MS,
      maxIntervalMs: 2_000,
      remedy: "",
      signal,
    },
  );
}

/**
 * Sends one GracefulShutdown and waits for nothing. PushPowerButton would ask, too, but cannot be taken back where the system
 * has ended meanwhile: it would switch the machine on.
 * @returns false where the service does not offer it, or does not take it now.
 */
export async function requestShutdown(client: RedfishClient, path: string, signal: AbortSignal): Promise<boolean> {
  const seen = await readSystem(client, path, signal);
  if (powerOf(client, seen) === "off") return true;
  const { action, allowed } = await offered(client, seen.resource, "shutdown", signal);
  if (allowed?.includes("GracefulShutdown") !== true) return false;
  const call = { method: "POST", path: action.target, body: { ResetType: "GracefulShutdown" }, signal } as const;
  const answer = await client.once(call);
  return answer.status < 400;
}

const pause = (ms: number, signal: AbortSignal) =>
  sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());

interface Way {
  /** Path of the action. */
  target: string;
  type: string;
}

/** The BMC takes nothing now. */
interface Busy {
  text: string;
  waitMs: number;
}

async function send(
  client: RedfishClient,
  way: Way,
  goal: PowerState,
  passing: readonly string[],
  signal: AbortSignal,
): Promise<true | Busy> {
  const call = { method: "POST", path: way.target, body: { ResetType: way.type }, signal } as const;
  const answer = await client.once(call);
  const passes = answer.status >= 400 && passing.some((key) => hasMessage(answer.body, key));
  if (passes || BUSY.includes(answer.status)) {
    const waitMs = retryAfterMs(answer) ?? (passes ? client.tuning.passingPauseMs : client.tuning.pauseMs);
    return { text: refusalText(answer.status, answer.body), waitMs };
  }
  await finished(client, `power ${goal} (${way.type})`, answer, signal);
  return true;
}

async function chooseWay(
  client: RedfishClient,
  system: ComputerSystem,
  goal: PowerState,
  signal: AbortSignal,
): Promise<Way> {
  const { action, allowed = WAYS[goal] } = await offered(client, system, `power ${goal}`, signal); // or the surest one
  const type = WAYS[goal].find((each) => allowed.includes(each));
  if (type === undefined) throw refused(client.bmc, `power ${goal}`, `only ${allowed.join(", ")}`);
  return { target: action.target, type };
}

/** The reset action, and the types that the service tells; `allowed` is absent where it does not say. */
async function offered(client: RedfishClient, system: ComputerSystem, what: string, signal: AbortSignal) {
  const action = system.Actions?.["#ComputerSystem.Reset"];
  if (action === undefined) throw refused(client.bmc, what, "no ComputerSystem.Reset action");
  const allowed =
    action["ResetType@Redfish.AllowableValues"] ?? (await allowedByInfo(client, action["@Redfish.ActionInfo"], signal));
  return { action, ...(allowed === undefined ? {} : { allowed }) };
}

/** Newer services tell the values in a resource of their own (DSP0266, "Action info"). */
async function allowedByInfo(
  client: RedfishClient,
  path: string | undefined,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  if (path === undefined) return undefined;
  const { resource } = await client.get(path, actionInfo, signal);
  return resource.Parameters?.find(({ Name }) => Name === "ResetType")?.AllowableValues;
}
