import { z } from "zod";

/** Something that a boot server saw of one machine. */
export type WireEvent =
  | { kind: "dhcp"; message: string; mac: string; address?: string }
  | { kind: "tftp"; file: string; address: string; ok: boolean }
  | { kind: "http"; uri: string; address: string; status: number; bytes: number }
  | { kind: "sending"; address: string; bytes: number };

const httpLine = z.object({
  ip: z.string(),
  uri: z.string(),
  status: z.coerce.number(),
  bytes: z.coerce.number(),
});

const DHCP =
  /\bDHCP(DISCOVER|OFFER|REQUEST|ACK|NAK|DECLINE)\([^)]*\)\s+(?:([0-9.]+)\s+)?((?:[0-9a-f]{2}:){5}[0-9a-f]{2})/i;
const PXE = /\bPXE\([^)]*\)\s+(?:([0-9.]+)\s+)?((?:[0-9a-f]{2}:){5}[0-9a-f]{2})/i;
const TFTP_SENT = /\bsent (\/\S+) to ([0-9.]+)/;
const TFTP_FAILED = /\b(?:failed sending|file) (\/\S+) (?:to|not found for) ([0-9.]+)/;
// One line of `ss -tinHO`: state, queues, local:port, peer:port, … bytes_acked:123 …
const SENDING = /^ss \S+\s+\d+\s+\d+\s+\S+:\d+\s+(?:\[::ffff:)?([0-9.]+)\]?:\d+\s.*\bbytes_acked:(\d+)/;

/** Reads one line of dnsmasq's log, of the web server's JSON log, or of `ss -tinHO` with the prefix `ss `. */
export function parseWire(line: string): WireEvent | undefined {
  if (line.startsWith("ss ")) {
    const sending = SENDING.exec(line);
    return sending ? { kind: "sending", address: sending[1] ?? "", bytes: Number(sending[2]) } : undefined;
  }
  if (line.startsWith("{")) {
    const parsed = httpLine.safeParse(jsonOrUndefined(line));
    if (!parsed.success) return undefined;
    const { ip, uri, status, bytes } = parsed.data;
    return { kind: "http", uri, address: ip, status, bytes };
  }
  const dhcp = DHCP.exec(line);
  if (dhcp) {
    const [, message = "", address, mac = ""] = dhcp;
    return { kind: "dhcp", message: `DHCP${message.toUpperCase()}`, mac: mac.toLowerCase(), address };
  }
  const pxe = PXE.exec(line);
  if (pxe) return { kind: "dhcp", message: "PXE", mac: (pxe[2] ?? "").toLowerCase(), address: pxe[1] };
  const sent = TFTP_SENT.exec(line);
  if (sent) return { kind: "tftp", file: sent[1] ?? "", address: sent[2] ?? "", ok: true };
  const failed = TFTP_FAILED.exec(line);
  if (failed) return { kind: "tftp", file: failed[1] ?? "", address: failed[2] ?? "", ok: false };
  return undefined;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
