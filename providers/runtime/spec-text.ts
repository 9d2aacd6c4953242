import { z } from "zod";
import type { Properties } from "./sanitise.js";

/** The property under which a resource's plain inputs travel, as one JSON text (docs/decisions/0017-inputs-as-one-text.md). */
export const SPEC = "spec";

/** The output under which what was found out of a machine travels, as such a text. */
export const FOUND = "found";

type IsPlain = (key: string, value: unknown) => boolean;

/** Inputs that are known from the start and are no secrets, and the others. */
export function splitPlain(args: Properties, isPlain: IsPlain): [plain: Properties, rest: Properties] {
  const entries = Object.entries(args).filter(([, value]) => value !== undefined);
  const plain = entries.filter(([key, value]) => isPlain(key, value));
  const rest = entries.filter((entry) => !plain.includes(entry));
  return [Object.fromEntries(plain), Object.fromEntries(rest)];
}

/** The plain ones as one text, and the others as they are. */
export function writeSpec(args: Properties, isPlain: IsPlain): Properties {
  const [plain, rest] = splitPlain(args, isPlain);
  return Object.keys(plain).length === 0 ? rest : { [SPEC]: JSON.stringify(plain), ...rest };
}

/** Properties as a lifecycle means them. Those that an older release stored one by one are left as they are. */
export function readSpec(properties: Properties): Properties {
  const { [SPEC]: text, [FOUND]: found, ...rest } = properties;
  if (typeof text !== "string") return properties;
  return { ...specOf(text), ...(typeof found === "string" ? specOf(found) : {}), ...rest };
}

/** What such a text holds. */
export const specOf = (text: string): Properties => textSchema.parse(JSON.parse(text));

const textSchema = z.record(z.string(), z.unknown());
