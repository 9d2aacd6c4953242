import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";

/** One thing that a run said it was doing to a resource, in whole seconds of the engine's clock. */
export interface Stay {
  resource: string;
  /** `create`, `update`, `delete`, `delete-replaced`, … */
  op: string;
  /** The line on the screen without its clock, its percentages and sizes; "" until there is one. */
  doing: string;
  seconds: number;
}

const metadata = z.object({ metadata: z.object({ op: z.string(), urn: z.string() }) });

/** As `--event-log` writes them: apitype.EngineEvent of the Pulumi SDK. */
const eventSchema = z.object({
  timestamp: z.number(),
  resourcePreEvent: metadata.optional(),
  resOutputsEvent: metadata.optional(),
  resOpFailedEvent: metadata.optional(),
  diagnosticEvent: z
    .object({ urn: z.string().optional(), message: z.string(), ephemeral: z.boolean().optional() })
    .optional(),
});
type EngineEvent = z.output<typeof eventSchema>;

const nameOf = (urn: string) => urn.slice(urn.lastIndexOf("::") + 2);

/** What was done to each resource, from the engine's own log of a run; one that was killed ends where its log does. */
export function readStays(file: string): Stay[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1); // after the last line break: nothing, or half an event
  return staysOf(lines.map((line) => eventSchema.parse(JSON.parse(line))));
}

/** The same from the events. Pure. */
export function staysOf(events: readonly EngineEvent[]): Stay[] {
  const stays: Stay[] = [];
  const now = new Map<string, Omit<Stay, "seconds"> & { since: number }>();
  const end = (urn: string, at: number) => {
    const open = now.get(urn);
    now.delete(urn);
    if (open === undefined) return undefined;
    const { since, ...stay } = open;
    stays.push({ ...stay, seconds: at - since });
    return open;
  };
  for (const { timestamp: at, resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent } of events) {
    const begun = resourcePreEvent?.metadata;
    if (begun !== undefined) now.set(begun.urn, { resource: nameOf(begun.urn), op: begun.op, doing: "", since: at });
    const done = resOutputsEvent ?? resOpFailedEvent;
    if (done !== undefined) end(done.metadata.urn, at);
    const { urn, message = "", ephemeral } = diagnosticEvent ?? {};
    if (urn === undefined || ephemeral !== true || !now.has(urn)) continue;
    const doing = textOf(message);
    if (now.get(urn)?.doing === doing) continue;
    const before = end(urn, at);
    if (before !== undefined) now.set(urn, { resource: before.resource, op: before.op, doing, since: at });
  }
  const last = events.at(-1)?.timestamp ?? 0;
  for (const urn of [...now.keys()]) end(urn, last);
  return stays;
}

/** `0:02 initrd 40 % of 60 kB` and `0:03 initrd 90 % of 60 kB` are the same thing. */
function textOf(message: string): string {
  return message
    .trim()
    .replace(/^\d+:\d\d /, "")
    .replace(/ \d+ % of .*$/, "");
}
