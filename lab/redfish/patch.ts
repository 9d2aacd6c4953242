import { z } from "zod";
import { type Answer, failure } from "./answers.js";
import { BOOT_SOURCES, type FirmwareMode } from "./backend.js";
import type { OverrideChange, OverrideState } from "./boot-override.js";

type SystemPatch =
  | { ok: true; override: OverrideChange | undefined; assetTag: string | undefined }
  | { ok: false; refusal: Answer };

const patchSchema = z.looseObject({
  AssetTag: z.string().optional(),
  Boot: z
    .looseObject({
      BootSourceOverrideEnabled: z.string().optional(),
      BootSourceOverrideTarget: z.string().optional(),
      BootSourceOverrideMode: z.string().optional(),
    })
    .optional(),
});

const WRITABLE = new Set(["Boot", "AssetTag", "@odata.etag", "@odata.id"]);

/**
 * What a PATCH of the ComputerSystem wants, or the answer that refuses it.
 * @param durations What `BootSourceOverrideEnabled` may be set to.
 */
export function readSystemPatch(
  body: unknown,
  mode: FirmwareMode,
  durations: readonly OverrideState["enabled"][],
): SystemPatch {
  const parsed = patchSchema.safeParse(body);
  if (!parsed.success) return refuse("PropertyValueTypeError", parsed.error.issues[0]?.path.join("/"));
  const readOnly = Object.keys(parsed.data).find((key) => !WRITABLE.has(key));
  if (readOnly !== undefined) return refuse("PropertyNotWritable", readOnly);
  const boot = parsed.data.Boot;
  if (boot === undefined) return { ok: true, override: undefined, assetTag: parsed.data.AssetTag };
  const enabled = durations.find((known) => known === boot.BootSourceOverrideEnabled);
  const target = BOOT_SOURCES.find((known) => known === boot.BootSourceOverrideTarget);
  const unlisted =
    (enabled === undefined ? boot.BootSourceOverrideEnabled : undefined) ??
    (target === undefined ? boot.BootSourceOverrideTarget : undefined) ??
    (boot.BootSourceOverrideMode === mode ? undefined : boot.BootSourceOverrideMode);
  if (unlisted !== undefined) return refuse("PropertyValueNotInList", unlisted);
  const override = { ...(enabled && { enabled }), ...(target && { target }) };
  return { ok: true, override, assetTag: parsed.data.AssetTag };
}

function refuse(key: "PropertyValueTypeError" | "PropertyNotWritable" | "PropertyValueNotInList", about = "") {
  return { ok: false, refusal: failure(400, key, about) } as const;
}
