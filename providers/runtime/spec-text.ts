import { z } from "zod";
import type { Properties } from "./sanitise.js";

/** The property under which a resource's plain inputs travel, as one JSON text (docs/decisions/0017-inputs-as-one-text.md). */
export const SPEC = "spec";

/** Inputs that are known from the start and are no secrets, as one text; `rest` are the others. */
export function writeSpec(args: Properties, isPlain: (key: string, value: unknown) => boolean): Properties {
  const entries = Object.entries(args).filter(([, value]) => value !== undefined);
  const plain = entries.filter(([key, value]) => isPlain(key, value));
  const rest = entries.filter((entry) => !plain.includes(entry));
  if (plain.length === 0) return Object.fromEntries(rest);
  return { [SPEC]: JSON.stringify(Object.fromEntries(plain)), ...Object.fromEntries(rest) };
}

/** Properties as a lifecycle means them. Those that an older release stored one by one are left as they are. */
export function readSpec(properties: Properties): Properties {
  const { [SPEC]: text, ...rest } = properties;
  if (typeof text !== "string") return properties;
  return { ...specOf(text), ...rest };
}

/** What such a text holds. */
export const specOf = (text: string): Properties => z.record(z.string(), z.unknown()).parse(JSON.parse(text));
