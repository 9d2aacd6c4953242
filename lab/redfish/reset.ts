import { setTimeout as sleep } from "node:timers/promises";
import type { Backend } from "./backend.js";

export const RESET_TYPES = [
  "On",
  "ForceOn",
  "ForceOff",
  "GracefulShutdown",
  "GracefulRestart",
  "ForceRestart",
  "PowerCycle",
  "PushPowerButton",
  "Nmi",
] as const;
/** `ResetType` of ComputerSystem.Reset. */
export type ResetType = (typeof RESET_TYPES)[number];

/** How long a graceful restart waits for the operating system before the power is cut, in milliseconds. */
const GRACE_MS = 60_000;

/** Does one reset on the machine. Graceful ones return at once, as BMCs do; the machine follows when it likes. */
export async function reset(machine: Backend, type: ResetType): Promise<void> {
  const reason = `redfish ${type}`;
  const off = machine.power() === "Off";
  switch (type) {
    case "On":
    case "ForceOn":
      return machine.powerOn(reason);
    case "ForceOff":
      return machine.forceOff(reason);
    case "GracefulShutdown":
      return machine.pressPowerButton();
    case "PushPowerButton":
      return off ? machine.powerOn(reason) : machine.pressPowerButton();
    case "ForceRestart":
    case "PowerCycle":
      await machine.forceOff(reason);
      return machine.powerOn(reason);
    case "GracefulRestart":
      await machine.pressPowerButton();
      void restartWhenOff(machine, reason);
      return;
    case "Nmi":
      return;
  }
}

async function restartWhenOff(machine: Backend, reason: string): Promise<void> {
  const started = performance.now();
  while (machine.power() !== "Off" && performance.now() - started < GRACE_MS) await sleep(100);
  await machine.forceOff(reason);
  await machine.powerOn(reason);
}
