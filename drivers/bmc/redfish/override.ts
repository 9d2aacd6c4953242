import type { BootDevice, FirmwareMode, OverrideKind } from "../driver.js";
import { effectsFor } from "./quirks.js";
import type { ComputerSystem } from "./schema.js";

/** The properties of `ComputerSystem.Boot` that make an override. */
export interface Override {
  BootSourceOverrideEnabled: "Once" | "Continuous" | "Disabled";
  BootSourceOverrideTarget?: string;
  BootSourceOverrideMode?: string;
  /** Cleared where somebody has left one: see `strayUri`. */
  HttpBootUri?: null;
}

/** What to do for a boot device. Without `change` it is set already. */
export interface OverridePlan {
  change?: Override;
  /** Names a value that is not to be had; nothing is sent then. */
  unsupported?: string;
}

const TARGETS: Record<Exclude<BootDevice, "none">, string> = { pxe: "Pxe", disk: "Hdd", "uefi-http": "UefiHttp" };
const MODES: Record<FirmwareMode, string> = { uefi: "UEFI", bios: "Legacy" };

/**
 * What to send for a boot device.
 * @param known The system itself: its maker decides about quirks, also where the override is kept in another resource.
 */
export function planOverride(
  system: ComputerSystem,
  device: BootDevice,
  mode: FirmwareMode,
  known: ComputerSystem = system,
): OverridePlan {
  const boot = system.Boot ?? {};
  const effects = effectsFor(known);
  const wantedMode = MODES[mode];
  const shownMode = boot.BootSourceOverrideMode ?? undefined;
  if (device === "none" && effects.onlyContinuous !== true) {
    const set = boot.BootSourceOverrideEnabled === "Once" || boot.BootSourceOverrideEnabled === "Continuous";
    const told = effects.alwaysSendMode && shownMode !== undefined ? { BootSourceOverrideMode: shownMode } : {};
    return set ? { change: { BootSourceOverrideEnabled: "Disabled", ...told } } : {};
  }
  const target = TARGETS[device === "none" ? "disk" : device];
  const enabled = device === "none" ? "Continuous" : durationOf(system, known);
  // Services that do not show a mode refuse to be told one.
  // One that is taken back leaves the mode alone.
  const modeDiffers = device !== "none" && shownMode !== undefined && shownMode !== wantedMode;
  const unsupported =
    notAllowed("boot target", target, boot["BootSourceOverrideTarget@Redfish.AllowableValues"]) ??
    notAllowed("override", enabled, boot["BootSourceOverrideEnabled@Redfish.AllowableValues"]) ??
    (modeDiffers
      ? notAllowed("boot mode", wantedMode, boot["BootSourceOverrideMode@Redfish.AllowableValues"])
      : undefined) ??
    (modeDiffers && effects.modeReadOnly
      ? `boot mode ${shownMode}, which only the firmware's own set-up can change to ${wantedMode}`
      : undefined);
  if (unsupported !== undefined) return { unsupported };
  const stray = strayUri(system, device) !== undefined;
  const isSet = boot.BootSourceOverrideEnabled === enabled && boot.BootSourceOverrideTarget === target;
  if (isSet && !modeDiffers && !stray) return {};
  const tellMode = modeDiffers || (shownMode !== undefined && effects.alwaysSendMode === true);
  return {
    change: {
      BootSourceOverrideEnabled: enabled,
      BootSourceOverrideTarget: target,
      ...(tellMode ? { BootSourceOverrideMode: wantedMode } : {}),
      ...(stray ? { HttpBootUri: null } : {}),
    },
  };
}

/**
 * A URI of somebody else's, that UEFI HTTP boot would load instead of the one that DHCP tells (ComputerSystem v1.9, HttpBootUri):
 * it outlives the override it was set for.
 */
function strayUri({ Boot }: ComputerSystem, device: BootDevice): string | undefined {
  const uri = Boot?.HttpBootUri ?? "";
  return device === "uefi-http" && uri !== "" ? uri : undefined;
}

/** One-time, unless the BMC has only lasting overrides. */
function durationOf({ Boot }: ComputerSystem, known: ComputerSystem): "Once" | "Continuous" {
  const allowed = Boot?.["BootSourceOverrideEnabled@Redfish.AllowableValues"] ?? [];
  const lasting = allowed.includes("Continuous") && !allowed.includes("Once");
  return lasting || effectsFor(known).onlyContinuous === true ? "Continuous" : "Once";
}

function notAllowed(what: string, value: string, allowed: readonly string[] | undefined): string | undefined {
  if (allowed === undefined || allowed.length === 0 || allowed.includes(value)) return undefined;
  return `no ${what} ${value}, only ${allowed.join(", ")}`;
}

/**
 * What kind of override the BMC shows for the device, or undefined when it shows another one, or none. The mode is not
 * insisted on: several BMCs show it only after the next boot.
 */
export function shownOverride(
  system: ComputerSystem,
  device: BootDevice,
  mode: FirmwareMode,
  known: ComputerSystem = system,
): OverrideKind | undefined {
  if (device === "none") return planOverride(system, device, mode, known).change === undefined ? "once" : undefined;
  const { BootSourceOverrideEnabled: enabled, BootSourceOverrideTarget: target } = system.Boot ?? {};
  if (target !== TARGETS[device] || strayUri(system, device) !== undefined) return undefined;
  return enabled === "Once" ? "once" : enabled === "Continuous" ? "lasting" : undefined;
}

/** For messages: "Once, Pxe". */
export function wantedOverride(device: BootDevice): string {
  return device === "none" ? "Disabled" : `Once, ${TARGETS[device]}`;
}

export function textOfOverride({ Boot }: ComputerSystem): string {
  const { BootSourceOverrideEnabled: enabled, BootSourceOverrideTarget: target } = Boot ?? {};
  const uri = target === TARGETS["uefi-http"] ? (Boot?.HttpBootUri ?? "") : "";
  return [enabled ?? "no override", target ?? "no target", ...(uri === "" ? [] : [`HttpBootUri ${uri}`])].join(", ");
}
