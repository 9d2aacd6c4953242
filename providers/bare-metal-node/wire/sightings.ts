import { bootScriptPath, type ImagePointer } from "../render/boot-script.js";
import { fits } from "./architecture.js";
import { type Answer, type BootCause, isAtLeast, later, type Sight } from "./causes.js";
import type { WireEvent } from "./parse-wire.js";

/** Whose boot is followed, and what it is expected to fetch. */
export interface BootWatch {
  node: string;
  mac: string;
  address: string;
  image: ImagePointer;
  firmware: "uefi" | "bios";
  /** What its firmware was told to boot by. Default: pxe. */
  networkBoot?: "pxe" | "uefi-http" | undefined;
  /** Processor that the image is for. */
  processor?: "x86_64" | "aarch64";
  /** DHCP is another server's: nothing is seen of it, whatever the machine asks. */
  externalDhcp?: true | undefined;
}

/** All that was seen of one boot, and what follows from it. A value: `see` makes the next one. */
export interface Sightings {
  /** What stopped the boot if nothing more comes. */
  readonly cause: BootCause;
  /** Last DHCP message. */
  readonly message?: string;
  /** Address that was offered. */
  readonly offered?: string;
  /** Address that the machine then asked another server for. */
  readonly elsewhere?: string;
  /** Why dnsmasq did not serve the request. */
  readonly note?: string;
  /** Reported by firmware or iPXE, last; `unfit`: that is none of the declared firmware's. */
  readonly architecture?: number;
  readonly unfit?: boolean;
  /** Boot file that TFTP or HTTP was asked for last. */
  readonly file?: string;
  /** Last script that iPXE asked for, with the web server's answer: "/boot.ipxe (404)". */
  readonly script?: string;
  /** Last file of the installer that the web server refused: "/images/…/initrd (404)". */
  readonly refused?: string;
  /** Bytes of kernel or initrd that the machine has acknowledged. */
  readonly inFlight: number;
  /** An operating system asked DHCP before an installer was loaded; its vendor class, where it sent one. */
  readonly system?: { vendor?: string };
  /** Something asked DHCP after the initrd was loaded: the installer runs. */
  readonly installerAsked?: boolean;
  /** Last answer by ssh. */
  readonly answer?: Answer;
}

/** Messages that name an address of Flint's server. */
const OFFERING = ["DHCPOFFER", "DHCPACK", "PXE"];
/** What dnsmasq says of a request that is meant for another server, where it is authoritative. */
const WRONG_SERVER = "wrong server-ID";

export const NOTHING_SEEN: Sightings = { cause: "no-dhcp-request", inFlight: 0 };

type Dhcp = Extract<WireEvent, { kind: "dhcp" }>;
type Tftp = Extract<WireEvent, { kind: "tftp" }>;
type Http = Extract<WireEvent, { kind: "http" }>;

/** Whether an event concerns the machine. */
export function isOf(watch: Pick<BootWatch, "mac" | "address">, sight: Sight): boolean {
  if (sight.kind === "answer") return true;
  return sight.kind === "dhcp" ? sight.mac === watch.mac : sight.address === watch.address;
}

/** What is known after one more sight. The cause never becomes an earlier one. */
export function see(watch: BootWatch, seen: Sightings, sight: Sight): Sightings {
  if (!isOf(watch, sight)) return seen;
  const next = sightAt(watch, seen, sight);
  const cause = later(seen.cause, next.cause);
  // Each file is counted from its own beginning.
  const restarted = cause !== seen.cause && ["no-kernel", "no-initrd", "no-ssh"].includes(cause);
  return { ...next, cause, ...(restarted ? { inFlight: 0 } : {}) };
}

function sightAt(watch: BootWatch, seen: Sightings, sight: Sight): Sightings {
  switch (sight.kind) {
    case "dhcp":
      return sight.asker === "system" ? seeSystem(seen, sight) : seeDhcp(watch, seen, sight);
    case "tftp-begun":
      return {
        ...seen,
        cause: "tftp-stopped",
        ...(sight.file === undefined ? {} : { file: sight.file.split("/").at(-1) }),
      };
    case "tftp":
      return seeTftp(seen, sight);
    case "http":
      return seeHttp(watch, seen, sight);
    case "sending":
      return { ...seen, inFlight: sight.bytes };
    case "answer":
      return { ...seen, answer: sight.answer, cause: causeOfAnswer(seen, sight.answer) };
  }
}

function seeSystem(seen: Sightings, { vendor }: Dhcp): Sightings {
  if (isAtLeast(seen.cause, "no-ssh")) return { ...seen, installerAsked: true };
  return { ...seen, cause: "from-disk", system: vendor === undefined ? {} : { vendor } };
}

function seeDhcp(watch: BootWatch, seen: Sightings, event: Dhcp): Sightings {
  const { message, address, note, asker, architecture } = event;
  const asked = { firmware: watch.firmware, processor: watch.processor ?? "x86_64" } as const;
  const unfit = architecture === undefined ? seen.unfit : !fits(architecture, asked);
  const cause = causeOfDhcp(seen, event);
  return {
    ...seen,
    cause: architecture !== undefined && unfit === true ? later(cause, "wrong-architecture") : cause,
    message,
    ...(address !== undefined && OFFERING.includes(message) ? { offered: address } : {}),
    ...(note === undefined ? {} : { note }),
    ...(note === WRONG_SERVER && address !== undefined ? { elsewhere: address } : {}),
    ...(architecture === undefined || asker === "system" ? {} : { architecture, unfit }),
  };
}

function causeOfDhcp(seen: Sightings, { message, address, asker }: Dhcp): BootCause {
  // iPXE that a firmware brings itself needs an answer, too; one that was loaded shows that it runs.
  if (asker === "ipxe" && (message === "DHCPACK" || isAtLeast(seen.cause, "ipxe-not-started"))) return "no-script";
  switch (message) {
    case "DHCPACK":
      return "boot-file-not-asked";
    case "DHCPOFFER":
    case "DHCPNAK":
      return "offer-not-accepted";
    case "PXE":
      // ProxyDHCP: an offer names no address, the answer to a request does.
      return address === undefined ? "offer-not-accepted" : "boot-file-not-asked";
    default:
      return "no-offer";
  }
}

function seeTftp(seen: Sightings, { file, ok, missing }: Tftp): Sightings {
  const name = file.split("/").at(-1) ?? file;
  // Firmware does not ask for scripts: newer iPXE looks for autoexec.ipxe beside its own file.
  if (name.endsWith(".ipxe")) return { ...seen, cause: "no-script" };
  const cause = ok ? "ipxe-not-started" : missing === true ? "boot-file-missing" : "tftp-stopped";
  return { ...seen, cause, file: name };
}

function seeHttp(watch: BootWatch, seen: Sightings, event: Http): Sightings {
  const { image } = watch;
  const path = event.uri.split("?")[0] ?? "";
  const answered = `${event.uri} (${event.status})`;
  if (path.endsWith(".efi")) {
    const file = path.split("/").at(-1) ?? path;
    if (event.status >= 300) return { ...seen, file, cause: "boot-file-missing" };
    // Firmware asks for the size first (HEAD): nothing of the file was sent then.
    return { ...seen, file, cause: event.bytes === 0 ? "boot-file-not-asked" : "ipxe-not-started" };
  }
  if (path.endsWith(".ipxe")) {
    const own = path === `/${bootScriptPath(watch.mac)}` && event.status === 200;
    const script = own || path === "/boot.ipxe" || path.startsWith("/nodes/");
    return script ? { ...seen, script: answered, cause: own ? "no-kernel" : "no-script" } : seen;
  }
  const after = event.status >= 400 ? { ...seen, refused: answered } : seen;
  const whole = (size: number) => event.status === 200 && event.bytes >= size;
  if (path === image.kernel.path) return { ...after, cause: whole(image.kernel.size) ? "no-initrd" : "no-kernel" };
  if (path === image.initrd.path) return { ...after, cause: whole(image.initrd.size) ? "no-ssh" : "no-initrd" };
  return path.startsWith("/keys/") ? after : seen;
}

/** A machine that has loaded the installer, and one that never asked for it, are two stories. */
function causeOfAnswer(seen: Sightings, answer: Answer): BootCause {
  switch (answer) {
    case "installer":
      return seen.cause;
    case "installer-refuses":
      return "login-refused";
    case "stranger":
      return isAtLeast(seen.cause, "no-ssh") ? "wrong-host-key" : "from-disk";
    case "system":
    case "system-refuses":
      return "from-disk";
  }
}
