import { type DhcpAsker, parseDhcpOption, parseWire, type WireEvent } from "./parse-wire.js";

/** `PXEClient:Arch:00007:UNDI:003000`, `HTTPClient:Arch:00016:…`: what network boot sends as option 60 (PXE 2.1, section 2.2.2). */
const BOOT_CLIENT = /^(?:PXE|HTTP)Client(?::Arch:(\d{5}))?/;

interface Packet {
  transaction: string;
  vendor?: string;
  user?: string;
}

/**
 * Reads the boot servers' lines in their order: dnsmasq writes a packet's options before its message, and only both
 * together tell who asked. Packets are logged one after the other, so one is remembered at a time.
 */
export class WireReader {
  private packet: Packet | undefined;
  /** Addresses that broke off a transfer whose end is not logged yet. */
  private readonly brokenOff = new Set<string>();

  /** The event that the line amounts to, if any. */
  read(line: string): WireEvent | undefined {
    const option = parseDhcpOption(line);
    if (option !== undefined) {
      this.remember(option);
      return undefined;
    }
    const event = parseWire(line);
    if (event?.kind === "tftp-begun") this.brokenOff.add(event.address);
    // Of a transfer that the machine breaks off, as firmware does that only asks for the size, dnsmasq (2.90, tftp.c) logs the
    // error and then an end: "sent" or "failed", as it happens.
    if (event?.kind === "tftp" && this.brokenOff.delete(event.address)) {
      const { address, file } = event;
      return { kind: "tftp-begun", address, file };
    }
    if (event?.kind !== "dhcp" || this.packet === undefined) return event;
    const { packet } = this;
    if (!line.includes(` ${packet.transaction} `)) return event;
    return { ...event, ...askerOf(packet) };
  }

  private remember({ transaction, option, value }: NonNullable<ReturnType<typeof parseDhcpOption>>): void {
    if (option === "packet" || this.packet?.transaction !== transaction) this.packet = { transaction };
    if (option === "vendor class") this.packet.vendor = value;
    if (option === "user class") this.packet.user = value;
  }
}

function askerOf({ vendor, user }: Packet): { asker: DhcpAsker; architecture?: number; vendor?: string } {
  const client = BOOT_CLIENT.exec(vendor ?? "");
  const architecture = client?.[1] === undefined ? {} : { architecture: Number(client[1]) };
  if (user === "iPXE" || user === "gPXE") return { asker: "ipxe", ...architecture };
  // Network boot must say so in option 60; whoever does not is an operating system.
  if (client === null) return { asker: "system", ...(vendor === undefined ? {} : { vendor }) };
  return { asker: "firmware", ...architecture };
}
