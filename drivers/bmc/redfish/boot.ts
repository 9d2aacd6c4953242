import { waitUntil } from "../../../foundation/wait.js";
import type { BootDevice, FirmwareMode } from "../driver.js";
import type { RedfishClient } from "./client.js";
import { overrideIgnored, refused } from "./errors.js";
import { refusalText } from "./messages.js";
import { effectsFor } from "./quirks.js";
import type { ComputerSystem } from "./schema.js";
import { readSystem, type SeenSystem } from "./system.js";
import { finished } from "./tasks.js";

/** The properties of `ComputerSystem.Boot` that make an override. */
export interface Override {
  BootSourceOverrideEnabled: "Once" | "Disabled";
  BootSourceOverrideTarget?: string;
  BootSourceOverrideMode?: string;
}

const TARGETS: Record<Exclude<BootDevice, "none">, string> = { pxe: "Pxe", disk: "Hdd", "uefi-http": "UefiHttp" };
const MODES: Record<FirmwareMode, string> = { uefi: "UEFI", bios: "Legacy" };

/** A change that someone else's came before of: look again and repeat. */
const MAX_CONFLICTS = 3;

/** What to send for a boot device, or undefined when it is set already. `unsupported` names a value that is not allowed. */
export function planOverride(
  system: ComputerSystem,
  device: BootDevice,
  mode: FirmwareMode,
): { change: Override | undefined; unsupported?: string } {
  const boot = system.Boot ?? {};
  if (device === "none") {
    const set = boot.BootSourceOverrideEnabled === "Once" || boot.BootSourceOverrideEnabled === "Continuous";
    return { change: set ? { BootSourceOverrideEnabled: "Disabled" } : undefined };
  }
  const target = TARGETS[device];
  const wantedMode = MODES[mode];
  const shownMode = boot.BootSourceOverrideMode ?? undefined;
  const missing =
    notAllowed("boot target", target, boot["BootSourceOverrideTarget@Redfish.AllowableValues"]) ??
    notAllowed("override", "Once", boot["BootSourceOverrideEnabled@Redfish.AllowableValues"]) ??
    (shownMode === wantedMode
      ? undefined
      : notAllowed("boot mode", wantedMode, boot["BootSourceOverrideMode@Redfish.AllowableValues"]));
  if (missing !== undefined) return { change: undefined, unsupported: missing };

  // Services that do not show a mode refuse to be told one.
  const modeDiffers = shownMode !== undefined && shownMode !== wantedMode;
  if (boot.BootSourceOverrideEnabled === "Once" && boot.BootSourceOverrideTarget === target && !modeDiffers)
    return { change: undefined };
  const tellMode = modeDiffers || (shownMode !== undefined && effectsFor(system).alwaysSendMode === true);
  return {
    change: {
      BootSourceOverrideEnabled: "Once",
      BootSourceOverrideTarget: target,
      ...(tellMode ? { BootSourceOverrideMode: wantedMode } : {}),
    },
  };
}

function notAllowed(what: string, value: string, allowed: readonly string[] | undefined): string | undefined {
  if (allowed === undefined || allowed.length === 0 || allowed.includes(value)) return undefined;
  return `no ${what} ${value}, only ${allowed.join(", ")}`;
}

/** Sets the one-time boot source and reads back what the BMC made of it. */
export async function setBootOnce(
  client: RedfishClient,
  path: string,
  device: BootDevice,
  mode: FirmwareMode,
  signal: AbortSignal,
): Promise<void> {
  const what = device === "none" ? "the usual boot order" : `boot from ${device}`;
  for (let conflicts = 0; ; conflicts++) {
    const seen = await overrideHolder(client, path, signal);
    const { change, unsupported } = planOverride(seen.resource, device, mode);
    if (unsupported !== undefined) throw refused(client.bmc, what, unsupported);
    if (change === undefined) return;
    const answer = await client.repeatable({
      method: "PATCH",
      path: seen.path,
      body: { Boot: change },
      headers: seen.etag === undefined ? {} : { "if-match": seen.etag },
      signal,
    });
    if (answer.status === 412 && conflicts < MAX_CONFLICTS) continue;
    if (answer.status >= 400) throw refused(client.bmc, what, refusalText(answer.status, answer.body));
    await finished(client, what, answer, signal);
    return readBack(client, path, device, mode, signal);
  }
}

/** Where the override is kept: the system itself, or on some BMCs the settings for its next boot. */
async function overrideHolder(client: RedfishClient, path: string, signal: AbortSignal): Promise<SeenSystem> {
  const system = await readSystem(client, path, signal);
  const settings = system.resource["@Redfish.Settings"]?.SettingsObject?.["@odata.id"];
  if (settings === undefined || !effectsFor(system.resource).overrideInSettings) return system;
  return readSystem(client, settings, signal);
}

async function readBack(
  client: RedfishClient,
  path: string,
  device: BootDevice,
  mode: FirmwareMode,
  signal: AbortSignal,
): Promise<void> {
  let shown = "nothing";
  const wanted = device === "none" ? "Disabled" : `Once, ${TARGETS[device]}`;
  const done = async () => {
    const { resource } = await overrideHolder(client, path, signal);
    const { BootSourceOverrideEnabled: enabled, BootSourceOverrideTarget: target } = resource.Boot ?? {};
    shown = [enabled ?? "no override", target ?? "no target"].join(", ");
    // The mode is not insisted on: several BMCs show it only after the next boot.
    return device === "none"
      ? planOverride(resource, device, mode).change === undefined
      : enabled === "Once" && target === TARGETS[device];
  };
  const wait = { reason: "the boot override", deadlineMs: client.tuning.shownMs, intervalMs: 500, remedy: "", signal };
  await waitUntil(done, { ...wait, code: "BOOT_NOT_SHOWN" }).catch((error: unknown) => {
    signal.throwIfAborted();
    if (error instanceof Error && "code" in error && error.code === "BOOT_NOT_SHOWN")
      throw overrideIgnored(client.bmc, wanted, shown);
    throw error;
  });
}
