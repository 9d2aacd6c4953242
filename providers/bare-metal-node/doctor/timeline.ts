import { architectureName } from "../wire/architecture.js";
import type { WireEvent } from "../wire/parse-wire.js";
import type { Timed } from "./parse-logs.js";

/** One line of a boot's story. */
export interface TimelineEntry {
  at: number;
  text: string;
  /** Where the same was seen again and again: how often, and when last. */
  times?: number;
  until?: number;
}

/** The events of one machine as a story; what repeats itself is one line. */
export function timelineOf(events: readonly Timed[]): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  for (const { at, event } of events) {
    const text = textOf(event);
    const last = entries.at(-1);
    if (text === undefined) continue;
    if (last?.text === text) {
      last.times = (last.times ?? 1) + 1;
      last.until = at;
    } else entries.push({ at, text });
  }
  return entries;
}

function textOf(event: WireEvent): string | undefined {
  switch (event.kind) {
    case "dhcp":
      return dhcpText(event);
    case "tftp-begun":
      return "broke off a TFTP transfer, as firmware does that asks for the size first";
    case "tftp":
      return tftpText(event);
    case "http":
      return `${event.uri} by HTTP: ${event.status}, ${sizeOf(event.bytes)}`;
    case "sending":
      return undefined;
  }
}

function dhcpText({
  message,
  address,
  note,
  asker,
  architecture,
  vendor,
}: Extract<WireEvent, { kind: "dhcp" }>): string {
  const who = { firmware: "firmware", ipxe: "iPXE", system: "an operating system" };
  const as = [
    ...(architecture === undefined ? [] : [`as ${architectureName(architecture)}`]),
    ...(vendor === undefined ? [] : [`(${vendor})`]),
  ];
  const from = asker === undefined ? "" : ` by ${[who[asker], ...as].join(" ")}`;
  const what = [message, ...(address === undefined ? [] : [address])].join(" ");
  const why = note === undefined ? "" : `: ${note}`;
  const question = message === "DHCPDISCOVER" || message === "DHCPREQUEST";
  return `${what}${question ? from : ""}${why}`;
}

function tftpText({ file, ok, missing }: Extract<WireEvent, { kind: "tftp" }>): string {
  const name = file.split("/").at(-1) ?? file;
  if (ok) return `${name} sent by TFTP`;
  return missing === true ? `${name} asked for by TFTP: not there` : `${name} by TFTP: failed on the way`;
}

/** 698 → "698 B", 26141932 → "26.1 MB". */
export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
