import { waitUntil } from "../../../foundation/wait.js";
import type { BootDevice, FirmwareMode, OverrideKind } from "../driver.js";
import type { RedfishClient } from "./client.js";
import { overrideIgnored, passing, refused } from "./errors.js";
import { preconditions } from "./etag.js";
import { hasMessage, refusalText } from "./messages.js";
import { planOverride, shownOverride, textOfOverride, wantedOverride } from "./override.js";
import { effectsFor } from "./quirks.js";
import type { ComputerSystem } from "./schema.js";
import { readSystem, type SeenSystem } from "./system.js";
import { finished } from "./tasks.js";

/** A change that someone else's came before of: look again and repeat. */
const MAX_CONFLICTS = 4;
/** "It is for the settings resource" (AMI). */
const ELSEWHERE = "OperationSupportedInFutureStateURI";

/** Where the override is kept, and the system that it is for. */
interface Holder {
  holder: SeenSystem;
  system: ComputerSystem;
}

/**
 * Sets the boot source of the next boot and reads back what the BMC made of it.
 * @param lasting As the driver's.
 * @throws FlintError `BMC_BUSY` for a refusal that passes by itself, `BMC_REFUSED`, `BMC_BOOT_IGNORED`.
 */
export async function setBootOnce(
  client: RedfishClient,
  path: string,
  device: BootDevice,
  mode: FirmwareMode,
  signal: AbortSignal,
  lasting: () => Promise<void> = async () => {},
): Promise<OverrideKind> {
  const what = device === "none" ? "the usual boot order" : `boot from ${device}`;
  let inSettings = false;
  let conflicts = 0;
  const tried = new Set<string>();
  for (;;) {
    const { holder, system } = await overrideHolder(client, path, inSettings, signal);
    const { change, unsupported } = planOverride(holder.resource, device, mode, system);
    if (unsupported !== undefined) throw refused(client.bmc, what, unsupported);
    if (change === undefined) return shownOverride(holder.resource, device, mode, system) ?? "once";
    if (device !== "none" && change.BootSourceOverrideEnabled === "Continuous") await lasting();
    const condition = preconditions(holder.etag).find((each) => !tried.has(JSON.stringify(each)));
    const headers = condition ?? {};
    const answer = await client.repeatable({
      method: "PATCH",
      path: holder.path,
      body: { Boot: change },
      headers,
      signal,
    });
    if ([412, 428].includes(answer.status) && conflicts++ < MAX_CONFLICTS) {
      // With the same ETag again nobody else changed anything: the BMC wants another form of it.
      tried.add(JSON.stringify(headers));
      continue;
    }
    if (!inSettings && answer.status >= 400 && hasMessage(answer.body, ELSEWHERE) && settingsOf(system) !== undefined) {
      inSettings = true;
      continue;
    }
    if (answer.status >= 400) {
      const text = refusalText(answer.status, answer.body);
      const passes = effectsFor(system).passing?.some((key) => hasMessage(answer.body, key)) === true;
      throw passes ? passing(client.bmc, what, text) : refused(client.bmc, what, text);
    }
    await finished(client, what, answer, signal);
    return readBack(client, path, inSettings, device, mode, signal);
  }
}

const settingsOf = (system: ComputerSystem) => system["@Redfish.Settings"]?.SettingsObject?.["@odata.id"];

/** The system itself, or on some BMCs the settings for its next boot. */
async function overrideHolder(
  client: RedfishClient,
  path: string,
  inSettings: boolean,
  signal: AbortSignal,
): Promise<Holder> {
  const seen = await readSystem(client, path, signal);
  const system = seen.resource;
  const settings = settingsOf(system);
  if (settings === undefined || !(inSettings || effectsFor(system).overrideInSettings)) return { holder: seen, system };
  return { holder: await readSystem(client, settings, signal), system };
}

async function readBack(
  client: RedfishClient,
  path: string,
  inSettings: boolean,
  device: BootDevice,
  mode: FirmwareMode,
  signal: AbortSignal,
): Promise<OverrideKind> {
  let shown = "nothing";
  const done = async () => {
    const { holder, system } = await overrideHolder(client, path, inSettings, signal);
    shown = textOfOverride(holder.resource);
    return shownOverride(holder.resource, device, mode, system);
  };
  const wait = { reason: "the boot override", deadlineMs: client.tuning.shownMs, intervalMs: 500, remedy: "", signal };
  // A BMC that takes long to answer has not ignored anything: its requests, and the caller, have deadlines of their own.
  const lastLookMs = Number.POSITIVE_INFINITY;
  return waitUntil(done, { ...wait, lastLookMs, code: "BOOT_NOT_SHOWN" }).catch((error: unknown) => {
    signal.throwIfAborted();
    if (error instanceof Error && "code" in error && error.code === "BOOT_NOT_SHOWN")
      throw overrideIgnored(client.bmc, wantedOverride(device), shown);
    throw error;
  });
}
