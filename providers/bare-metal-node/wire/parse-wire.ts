import { z } from "zod";

/** Who asked DHCP: the firmware's network boot, iPXE, or an operating system (an installer, too). */
export type DhcpAsker = "firmware" | "ipxe" | "system";

/** Something that a boot server saw of one machine. */
export type WireEvent =
  | {
      kind: "dhcp";
      message: string;
      mac: string;
      address?: string;
      /** What dnsmasq says of a request that it does not serve: "no address available". */
      note?: string;
      /** Absent where the log holds no options. */
      asker?: DhcpAsker;
      /** Client system architecture of a firmware or iPXE (DHCP option 93, RFC 4578), as option 60 repeats it. */
      architecture?: number;
      /** The vendor class (option 60) of an operating system. */
      vendor?: string;
    }
  /** A transfer that the machine broke off itself: UEFI firmware asks for the size first. */
  | { kind: "tftp-begun"; address: string; file?: string }
  | { kind: "tftp"; file: string; address: string; ok: boolean; missing?: true }
  | { kind: "http"; uri: string; address: string; status: number; bytes: number }
  | { kind: "sending"; address: string; bytes: number };

/** An option of a DHCP packet whose message follows: dnsmasq logs it (`log-dhcp`) before the message. */
export interface DhcpOptionLine {
  kind: "dhcp-option";
  transaction: string;
  option: "packet" | "vendor class" | "user class";
  value: string;
}

const httpLine = z.object({
  ip: z.string(),
  uri: z.string(),
  status: z.coerce.number(),
  bytes: z.coerce.number(),
});

const MAC = "((?:[0-9a-f]{2}:){5}[0-9a-f]{2})";
const DHCP = new RegExp(
  `\\bDHCP(DISCOVER|OFFER|REQUEST|ACK|NAK|DECLINE)\\([^)]*\\)\\s+(?:([0-9.]+)\\s+)?${MAC}\\s*(.*)$`,
  "i",
);
const PXE = new RegExp(`\\bPXE\\([^)]*\\)\\s+(?:([0-9.]+)\\s+)?${MAC}`, "i");
const OPTION = /\bdnsmasq-dhcp\[\d+\]: (\d+) (available DHCP|vendor class|user class)\b[^:]*: (.*)$/;
const TFTP_SENT = /\bsent (\/\S+) to ([0-9.]+)/;
const TFTP_FAILED = /\bfailed sending (\/\S+) to ([0-9.]+)/;
const TFTP_MISSING = /\bfile (\/\S+) not found for ([0-9.]+)/;
const TFTP_BEGUN = /\bdnsmasq-tftp\[\d+\]: error \d+ .* received from ([0-9.]+)/;
// One line of `ss -tinHO`: state, queues, local:port, peer:port, … bytes_acked:123 …
const SENDING = /^ss \S+\s+\d+\s+\d+\s+\S+:\d+\s+(?:\[::ffff:)?([0-9.]+)\]?:\d+\s.*\bbytes_acked:(\d+)/;

/** Messages whose tail says why dnsmasq did not serve them; after the others the machine's name stands there. */
const WITH_NOTE = ["DISCOVER", "NAK"];

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
  return parseDhcp(line) ?? parseTftp(line);
}

function parseDhcp(line: string): WireEvent | undefined {
  const dhcp = DHCP.exec(line);
  if (dhcp) {
    const [, message = "", address, mac = "", tail = ""] = dhcp;
    const name = message.toUpperCase();
    const note = WITH_NOTE.includes(name) ? tail.trim() : "";
    return {
      kind: "dhcp",
      message: `DHCP${name}`,
      mac: mac.toLowerCase(),
      address,
      ...(note === "" ? {} : { note }),
    };
  }
  const pxe = PXE.exec(line);
  if (pxe) return { kind: "dhcp", message: "PXE", mac: (pxe[2] ?? "").toLowerCase(), address: pxe[1] };
  return undefined;
}

function parseTftp(line: string): WireEvent | undefined {
  const transfer = (match: RegExpExecArray) => ({
    kind: "tftp" as const,
    file: match[1] ?? "",
    address: match[2] ?? "",
  });
  const sent = TFTP_SENT.exec(line);
  if (sent) return { ...transfer(sent), ok: true };
  const failed = TFTP_FAILED.exec(line);
  if (failed) return { ...transfer(failed), ok: false };
  const missing = TFTP_MISSING.exec(line);
  if (missing) return { ...transfer(missing), ok: false, missing: true };
  const begun = TFTP_BEGUN.exec(line);
  return begun ? { kind: "tftp-begun", address: begun[1] ?? "" } : undefined;
}

/** Reads a line that dnsmasq writes of a packet's options before its message. */
export function parseDhcpOption(line: string): DhcpOptionLine | undefined {
  const match = OPTION.exec(line);
  if (match === null) return undefined;
  const [, transaction = "", name = "", value = ""] = match;
  const option = name === "vendor class" || name === "user class" ? name : "packet";
  return { kind: "dhcp-option", transaction, option, value: value.trim() };
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
