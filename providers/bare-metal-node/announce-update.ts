import { z } from "zod";
import { DIGESTS, digestOfValue } from "../runtime/digest.js";
import { wasWarned } from "../runtime/found-changes.js";
import type { Change } from "../runtime/lifecycle.js";
import { tell } from "../runtime/progress.js";
import { wasInstalled } from "./refused-changes.js";

const bootSchema = z.object({ kernelParams: z.array(z.string()) });

/** Stands in the state for what of a node's data takes a restart when it changes. */
export function bootDigest(data: unknown): string {
  const parsed = bootSchema.safeParse(data);
  return digestOfValue(parsed.success ? parsed.data : null);
}

/** Of a machine that a refresh found so. */
export const FOUND_OFF = "it was found switched off: it is switched on";

type Known = Pick<Change, "olds" | "news" | "changed">;

/** What an update does to a machine, in words, a line each: whether it is restarted is what its users ask. Pure. */
export function tellUpdate(change: Known): string[] {
  const { power, phase } = change.olds;
  const off = power === "off" ? [FOUND_OFF] : [];
  return off.length > 0 && phase === "ready" && change.changed.length === 0 ? off : [...off, tellSystem(change)];
}

function tellSystem({ olds, news, changed }: Known): string {
  if (!wasInstalled(olds)) return "its installation goes on where it was left";
  const known = z.record(z.string(), z.unknown()).safeParse(olds[DIGESTS]).data ?? {};
  // An input of which an older release stored nothing is looked at, but is no news.
  const differs = (input: string) => changed.includes(input) && known[input] !== undefined;
  const restart = "one machine at a time, and only while the quorum allows it";
  const perhaps = `it is switched in place; restarted only if its kernel or the kernel's parameters changed, ${restart}`;
  // What was begun earlier may have left another system than the state tells of.
  if (olds.phase !== "ready") return perhaps;
  if (typeof olds.boot === "string" && olds.boot !== bootDigest(news.data))
    return `its kernel parameters changed: it is switched and restarted, ${restart}`;
  const unknown = olds.boot === undefined && differs("data");
  if (differs("system") || unknown) return perhaps;
  if (differs("data")) return "it is switched in place, without a restart";
  if (["material", "cert", "ca", "config"].some(differs))
    return `its services are restarted with other keys or configuration, ${restart}`;
  return "the machine is looked at; nothing of its system changed";
}

/** Says it on the machine's line, in a preview as in an update; what a refresh in the same run has said, only there. */
export function announceUpdate(change: Change): void {
  const self = z.string().optional().catch(undefined).parse(change.news.self);
  for (const line of tellUpdate(change)) if (!wasWarned(self, [line])) tell(self, line);
}
