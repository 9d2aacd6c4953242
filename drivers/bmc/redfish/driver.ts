import { isFlintError } from "../../../foundation/errors.js";
import { waitUntil, withDeadline } from "../../../foundation/wait.js";
import { isSilence, whileAnswering } from "../breaker.js";
import type { BmcDriver, DriverContext, PowerState } from "../driver.js";
import type { RedfishAddress } from "./address.js";
import { setBootOnce } from "./boot.js";
import { RedfishClient, TUNING, type Tuning } from "./client.js";
import { readIdentity } from "./identity.js";
import { powerOf, reachPower, requestShutdown } from "./power.js";
import { readReport } from "./report.js";
import { findSystem, readSystem } from "./system.js";

const DEFAULT_POWER_MS = 60_000;
const FROZEN = "The BMC may be frozen: try its web page, reset the BMC (not the machine), then run the update again.";
const STARTING =
  "The BMC may be starting, or updating itself: wait some minutes, then run the update again. If it stays busy, reset the BMC (not the machine).";
const STUCK = "Look at the machine and its BMC's event log, then run the update again.";

/** Redfish over HTTPS (DSP0266). The password travels in the body of one session request, or in basic authentication. */
export async function openRedfish(
  address: RedfishAddress,
  context: DriverContext,
  tuning: Partial<Tuning> = {},
): Promise<BmcDriver> {
  const limits = { ...TUNING, ...tuning };
  const bmc = { machine: context.machine, url: address.url, username: address.username };
  const client = new RedfishClient(address, bmc, limits);
  let known: string | undefined;

  const within = <T>(
    reason: string,
    work: (path: string, signal: AbortSignal) => Promise<T>,
    { deadlineMs = limits.methodMs, signal = context.signal, lastSeen = (): string | undefined => undefined } = {},
  ): Promise<T> => {
    const subject = `${bmc.machine}, BMC at ${bmc.url}`;
    const asked = () =>
      withDeadline(
        async (inner) => {
          known ??= await findSystem(client, address.system, inner);
          return work(known, inner);
        },
        {
          reason,
          subject,
          code: "BMC_TIMEOUT",
          deadlineMs,
          lastSeen: () => lastSeen() ?? client.busy,
          remedy: () => (lastSeen() !== undefined ? STUCK : client.busy === undefined ? FROZEN : STARTING),
          ...(signal === undefined ? {} : { signal }),
        },
      );
    return whileAnswering(
      { key: address.url, subject },
      asked,
      (error) => isSilence(error) && lastSeen() === undefined && client.busy === undefined,
    );
  };

  /** A machine in POST takes some minutes; each attempt has a deadline of its own. */
  const outlasting = async <T>(attempt: () => Promise<T>): Promise<T> => {
    let refusal: unknown;
    const look = () =>
      attempt().catch((error: unknown) => {
        if (!isFlintError(error, "BMC_BUSY")) throw error;
        refusal = error;
        return undefined;
      });
    return waitUntil(look, {
      reason: "a BMC that accepts changes",
      deadlineMs: limits.passingMs,
      lastLookMs: Number.POSITIVE_INFINITY,
      intervalMs: limits.passingPauseMs,
      remedy: "",
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    }).catch((error: unknown) => {
      throw isFlintError(error, "WAIT_TIMEOUT") ? refusal : error;
    });
  };

  const power = (path: string, signal: AbortSignal): Promise<PowerState> =>
    readSystem(client, path, signal).then((seen) => powerOf(client, seen));

  return {
    power: () => within("the power state", power),
    setPower: (state, options = {}) => {
      const signals = [options.signal, context.signal].filter((signal) => signal !== undefined);
      let seen: string | undefined;
      const onSeen = (what: string) => {
        seen = what;
      };
      const work = async (path: string, signal: AbortSignal) => {
        const steps: PowerState[] = state === "cycle" ? ["off", "on"] : [state];
        for (const goal of steps) await reachPower(client, path, goal, { signal, onSeen });
      };
      return within(`power ${state}`, work, {
        deadlineMs: options.deadlineMs ?? DEFAULT_POWER_MS,
        signal: signals.length === 0 ? undefined : AbortSignal.any(signals),
        lastSeen: () => seen,
      });
    },
    requestShutdown: () => within("shutdown", (path, signal) => requestShutdown(client, path, signal)),
    setBootOnce: (device, mode, lasting) =>
      outlasting(() =>
        within(`boot from ${device}`, (path, signal) => setBootOnce(client, path, device, mode, signal, lasting)),
      ),
    identity: () => within("the machine's identity", (path, signal) => readIdentity(client, path, signal)),
    report: () => within("the machine's state", (path, signal) => readReport(client, path, signal)),
    close: () => client.close(),
  };
}
