import { isFlintError } from "../../../foundation/errors.js";
import { waitUntil, withDeadline } from "../../../foundation/wait.js";
import { isSilence, whileAnswering } from "../breaker.js";
import type { BmcDriver, BootDevice, DriverContext, FirmwareMode, OverrideKind, PowerState } from "../driver.js";
import { IPMI_LONGEST, IPMI_PORT, type IpmiAddress } from "./address.js";
import { bootDeviceOf, identityOf, powerOf } from "./answers.js";
import { bootIgnored, type IpmiName, noSuchDevice, passwordTooLong, subjectOf, unexpectedAnswer } from "./errors.js";
import { Ipmitool } from "./ipmitool.js";

const METHOD_MS = 60_000;
const DEFAULT_POWER_MS = 60_000;
const LOOK_MS = 250;
const MAX_SENDS = 3;
const FROZEN = "The BMC may be frozen: reset the BMC (not the machine), then run the update again.";
const STUCK = "Look at the machine and its BMC's event log, then run the update again.";

export interface IpmiTuning {
  /** ipmitool's `-N` and `-R`. */
  retry?: readonly string[];
  /** Milliseconds for everything but power changes. */
  methodMs?: number;
  /** Milliseconds until a busy BMC is asked again; doubles. */
  pauseMs?: number;
}

/**
 * IPMI 2.0 over LAN through ipmitool. A machine's UUID is not asked for: many BMCs have a GUID of their own instead of the
 * one in SMBIOS.
 */
export async function openIpmi(
  address: IpmiAddress,
  context: DriverContext,
  { retry, methodMs = METHOD_MS, pauseMs }: IpmiTuning = {},
): Promise<BmcDriver> {
  const bmc: IpmiName = { machine: context.machine, address };
  const ipmitool = new Ipmitool(bmc, retry, pauseMs);

  const within = <T>(
    reason: string,
    work: (signal: AbortSignal) => Promise<T>,
    { deadlineMs = methodMs, signal = context.signal, lastSeen = (): string | undefined => undefined } = {},
  ): Promise<T> => {
    const asked = () =>
      withDeadline(
        async (inner) => {
          const bytes = Buffer.byteLength(address.password);
          if (bytes > IPMI_LONGEST.password) throw passwordTooLong(bmc, bytes);
          return work(inner);
        },
        {
          reason,
          subject: subjectOf(bmc),
          code: "BMC_TIMEOUT",
          deadlineMs,
          lastSeen,
          remedy: () => (lastSeen() === undefined ? FROZEN : STUCK),
          ...(signal === undefined ? {} : { signal }),
        },
      );
    const key = `${address.host}:${address.port ?? IPMI_PORT}`;
    return whileAnswering(
      { key, subject: subjectOf(bmc) },
      asked,
      (error) => isSilence(error) && lastSeen() === undefined,
    );
  };

  const power = async (signal: AbortSignal): Promise<PowerState> => {
    const text = await ipmitool.run("chassis power status", "the power state", signal);
    const state = powerOf(text);
    if (state === undefined) throw unexpectedAnswer(bmc, "Chassis Power is on, or off", text);
    return state;
  };

  /**
   * Looks, sends one command if the state is the other one, and looks until it is there. "Off" and "on" may both be said
   * twice, so a command whose answer was lost is sent again after another look.
   */
  const reachPower = (goal: PowerState, signal: AbortSignal, onSeen: (what: string) => void) => {
    let sends = 0;
    let accepted = false;
    let last: PowerState | undefined;
    return waitUntil(
      async () => {
        const seen = await power(signal).catch((error: unknown) => {
          // A BMC that has answered before and restarts, or shares a card that loses its link: it comes back.
          const busy = isFlintError(error, "BMC_BUSY");
          if (last === undefined || !(busy || isFlintError(error, "BMC_UNREACHABLE"))) throw error;
          onSeen(`${last}, and then a BMC that ${busy ? "is busy" : "does not answer"}`);
          return undefined;
        });
        if (seen === undefined) return undefined;
        last = seen;
        onSeen(`${seen}${accepted ? ", although the BMC accepted the change" : ""}`);
        if (seen === goal) return true;
        if (accepted) return undefined;
        sends += 1;
        accepted = await ipmitool.run(`chassis power ${goal}`, `power ${goal}`, signal).then(
          () => true,
          (error: unknown) => {
            if (isFlintError(error, "BMC_UNREACHABLE") && sends < MAX_SENDS) return false;
            throw error;
          },
        );
        return undefined;
      },
      // The caller's signal carries the deadline.
      {
        reason: `power ${goal}`,
        deadlineMs: Number.MAX_SAFE_INTEGER,
        intervalMs: LOOK_MS,
        maxIntervalMs: 2000,
        remedy: "",
        signal,
      },
    );
  };

  const setBootOnce = async (device: BootDevice, mode: FirmwareMode, signal: AbortSignal): Promise<OverrideKind> => {
    if (device === "uefi-http") throw noSuchDevice(bmc);
    const what = device === "none" ? "the usual boot order" : `boot from ${device}`;
    const efi = mode === "uefi" && device !== "none" ? " options=efiboot" : "";
    await ipmitool.run(`chassis bootdev ${device}${efi}`, what, signal);
    // The firmware mode is not insisted on: several BMCs leave its bit out when asked.
    const shown = bootDeviceOf(await ipmitool.run("chassis bootparam get 5", "the boot override", signal));
    if (shown?.device !== device) throw bootIgnored(bmc, device, shown?.device ?? "another device");
    return shown.kind;
  };

  return {
    power: () => within("the power state", power),
    setPower: (state, options = {}) => {
      const signals = [options.signal, context.signal].filter((signal) => signal !== undefined);
      let seen: string | undefined;
      const work = async (signal: AbortSignal) => {
        // "power cycle" does nothing to a machine that is off, and comes back before it is done.
        const steps: PowerState[] = state === "cycle" ? ["off", "on"] : [state];
        for (const goal of steps)
          await reachPower(goal, signal, (what) => {
            seen = what;
          });
      };
      return within(`power ${state}`, work, {
        deadlineMs: options.deadlineMs ?? DEFAULT_POWER_MS,
        signal: signals.length === 0 ? undefined : AbortSignal.any(signals),
        lastSeen: () => seen,
      });
    },
    requestShutdown: () =>
      within("shutdown", async (signal) => {
        if ((await power(signal)) === "off") return true;
        try {
          await ipmitool.run("chassis power soft", "shutdown", signal);
          return true;
        } catch (error) {
          if (isFlintError(error, "BMC_REFUSED")) return false; // optional (IPMI 2.0, 28.3)
          throw error;
        }
      }),
    setBootOnce: (device, mode) => within(`boot from ${device}`, (signal) => setBootOnce(device, mode, signal)),
    identity: () =>
      within("the machine's identity", async (signal) => {
        try {
          return identityOf(await ipmitool.run("fru print 0", "the machine's identity", signal));
        } catch (error) {
          if (isFlintError(error, "BMC_REFUSED")) return {}; // no FRU data
          throw error;
        }
      }),
    report: () =>
      within("the boot override", async (signal) => {
        const shown = bootDeviceOf(await ipmitool.run("chassis bootparam get 5", "the boot override", signal));
        return shown === undefined ? {} : { bootOverride: `${shown.device}, ${shown.kind}` };
      }),
    close: async () => {}, // every call is a session of its own
  };
}
