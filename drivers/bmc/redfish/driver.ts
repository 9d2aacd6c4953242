import { withDeadline } from "../../../foundation/wait.js";
import type { BmcDriver, DriverContext, PowerState, RedfishAddress } from "../driver.js";
import { setBootOnce } from "./boot.js";
import { RedfishClient, TUNING, type Tuning } from "./client.js";
import { readIdentity } from "./identity.js";
import { powerOf, reachPower } from "./power.js";
import { findSystem, readSystem } from "./system.js";

const DEFAULT_POWER_MS = 60_000;

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
    deadlineMs = limits.methodMs,
    signal = context.signal,
  ): Promise<T> =>
    withDeadline(
      async (inner) => {
        known ??= await findSystem(client, address.system, inner);
        return work(known, inner);
      },
      {
        reason,
        subject: `${bmc.machine}, BMC at ${bmc.url}`,
        code: "BMC_TIMEOUT",
        deadlineMs,
        remedy: "The BMC may be frozen: try its web page, reset the BMC (not the machine), then run the update again.",
        ...(signal === undefined ? {} : { signal }),
      },
    );

  const power = (path: string, signal: AbortSignal): Promise<PowerState> =>
    readSystem(client, path, signal).then((seen) => powerOf(client, seen));

  return {
    power: () => within("the power state", power),
    setPower: (state, options = {}) => {
      const deadlineMs = options.deadlineMs ?? DEFAULT_POWER_MS;
      const signals = [options.signal, context.signal].filter((signal) => signal !== undefined);
      const started = performance.now();
      const work = async (path: string, signal: AbortSignal) => {
        const steps: PowerState[] = state !== "cycle" ? [state] : ["off", "on"];
        for (const goal of steps) {
          const left = Math.max(1, deadlineMs - (performance.now() - started));
          await reachPower(client, path, goal, { deadlineMs: left, signal });
        }
      };
      // A little longer than the wait inside, whose error says what the BMC showed last.
      return within(
        `power ${state}`,
        work,
        deadlineMs + 250,
        signals.length === 0 ? undefined : AbortSignal.any(signals),
      );
    },
    setBootOnce: (device, mode) =>
      within(`boot from ${device}`, (path, signal) => setBootOnce(client, path, device, mode, signal)),
    identity: () => within("the machine's identity", (path, signal) => readIdentity(client, path, signal)),
    close: () => client.close(),
  };
}
