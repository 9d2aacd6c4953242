import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";

/** What happened to the rack's hardware. The log of these is the proof of what was touched and what was not. */
export const rackEvent = z.discriminatedUnion("event", [
  /** `status` 0: the BMC did not answer. */
  z.object({
    event: z.literal("bmc-request"),
    node: z.string(),
    method: z.string(),
    path: z.string(),
    status: z.int(),
  }),
  /** What ipmi_sim asked or told its machine, in its words. */
  z.object({ event: z.literal("ipmi"), node: z.string(), command: z.string() }),
  z.object({ event: z.literal("power"), node: z.string(), state: z.enum(["on", "off"]), reason: z.string() }),
  /** A boot begins; `from` is the first place where the firmware looks, `order` all of them. */
  z.object({
    event: z.literal("boot"),
    node: z.string(),
    from: z.enum(["pxe", "http", "disk"]),
    order: z.array(z.string()),
    override: z.string(),
  }),
  /** The operating system restarted the machine by itself. */
  z.object({ event: z.literal("guest-reset"), node: z.string() }),
  z.object({ event: z.literal("guest-panic"), node: z.string() }),
  z.object({ event: z.literal("fault"), node: z.string(), faults: z.record(z.string(), z.unknown()) }),
  z.object({ event: z.literal("daemon"), node: z.null(), state: z.enum(["started", "stopped"]) }),
]);
export type RackEvent = z.infer<typeof rackEvent>;
const stamped = z.intersection(z.object({ t: z.iso.datetime() }), rackEvent);
export type StampedEvent = z.infer<typeof stamped>;

/** Appends events to a file of JSON lines, each with the time in UTC with milliseconds as `t`. */
export class EventLog {
  /** The last event of each machine. */
  readonly last = new Map<string, StampedEvent>();

  constructor(private readonly path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    for (const event of readEvents(path)) this.remember(event);
  }

  add(event: RackEvent): void {
    const { event: kind, node, ...rest } = event;
    const line = { t: new Date().toISOString(), node, event: kind, ...rest };
    appendFileSync(this.path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
    this.remember(stamped.parse(line));
  }

  private remember(event: StampedEvent): void {
    if (event.node !== null) this.last.set(event.node, event);
  }
}

/** All events of a log; a line cut off by a crash is skipped. */
export function readEvents(path: string): StampedEvent[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    try {
      return stamped.safeParse(JSON.parse(line)).data ?? [];
    } catch {
      return [];
    }
  });
}

/** An event as a person reads it. */
export function describeEvent(event: StampedEvent): string {
  switch (event.event) {
    case "bmc-request":
      return `BMC ${event.method} ${event.path} → ${event.status === 0 ? "no answer" : event.status}`;
    case "ipmi":
      return `IPMI ${event.command}`;
    case "power":
      return `power ${event.state} (${event.reason})`;
    case "boot":
      return `boots from ${event.from}${event.override === "None" ? "" : ` (told: ${event.override})`}`;
    case "guest-reset":
      return "restarted by its operating system";
    case "guest-panic":
      return "kernel panic";
    case "fault":
      return `faults ${JSON.stringify(event.faults)}`;
    case "daemon":
      return `daemon ${event.state}`;
  }
}
