import { z } from "zod";
import { inputKeys, type Properties } from "./sanitise.js";

/** Name of the provider's one property: everything that resources share, as JSON. `../flint-provider.ts` writes it. */
export const SHARED = "flint:shared";

let shared: Properties = {};

/**
 * Takes what the resources of one provider share: how the provisioning host is reached, keys, certificates. The engine
 * keeps it once, with the provider, and gives it to this process before anything is asked: on destroy, too.
 */
export function configure(request: { config: { get(key: string): unknown } }): void {
  const text = request.config.get(SHARED);
  if (typeof text === "string") shared = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}

/** A resource's own inputs, completed with what is shared. Its own come first. */
export function withShared(keys: readonly string[], own: Properties): Properties {
  const given = keys.filter((key) => own[key] === undefined && shared[key] !== undefined);
  return { ...own, ...Object.fromEntries(given.map((key) => [key, shared[key]])) };
}

/** One of the values that are shared; undefined outside of a `FlintProvider`. */
export function sharedValue(key: string): unknown {
  return shared[key];
}

/** zod compiles each schema at its first use, which takes longer than hundreds of values need: the same question has one answer. */
const parts = new WeakMap<z.ZodType, Map<string, z.ZodType>>();

/** The schema without some of its top-level keys. */
export function without(schema: z.ZodType, keys: readonly string[]): z.ZodType {
  if (keys.length === 0 || inputKeys(schema) === undefined || !(schema instanceof z.ZodObject)) return schema;
  const known = parts.get(schema) ?? new Map<string, z.ZodType>();
  parts.set(schema, known);
  const name = keys.join(" ");
  const part = known.get(name) ?? partOf(schema, keys);
  known.set(name, part);
  return part;
}

function partOf(schema: z.ZodObject, keys: readonly string[]): z.ZodType {
  const shape = Object.entries(schema.shape).filter(([key]) => !keys.includes(key));
  const rest = z.object(Object.fromEntries(shape));
  const others = schema.def.catchall;
  return others === undefined ? rest : rest.catchall(others);
}
