import type { BootDevice, MachineIdentity, OverrideKind, PowerState } from "../driver.js";
import { filledIn } from "../filled-in.js";

/** What a call failed for, as far as ipmitool's text tells. */
export type Failure =
  | "wrong-password"
  | "unknown-user"
  | "privilege"
  | "cipher-suite"
  | "no-session"
  | "no-answer"
  | "busy"
  | "refused";

/**
 * Texts of ipmitool 1.8.18 and 1.8.19 (src/plugins/lanplus/lanplus.c, lib/ipmi_strings.c), the telling ones first. Busy: all
 * sessions are taken (RMCP+ status 01h), completion codes C0h and D2h (IPMI 2.0, tables 13-15 and 5-2).
 */
const TEXTS: readonly [RegExp, Failure][] = [
  [/insufficient resources for session|Node busy|BMC initialization in progress/i, "busy"],
  [/RAKP 2 HMAC is invalid|password verification failed|Invalid password/i, "wrong-password"],
  [/unauthorized name|Invalid user ?name/i, "unknown-user"],
  [/invalid (authentication|integrity|confidentiality) algorithm|no cipher suite match/i, "cipher-suite"],
  [/Insufficient privilege level|Set Session Privilege Level to \w+ failed|unauthorized role/i, "privilege"],
  [/Get Auth Capabilities error|Address lookup .* failed|Could not open socket/i, "no-answer"],
  [/Unable to establish (LAN|IPMI)/i, "no-session"],
  [/No data available|Unable to (send|issue)|no response|Close Session command failed|timeout/i, "no-answer"],
];

/** @param text ipmitool's error output. */
export function failureOf(text: string): Failure {
  return TEXTS.find(([pattern]) => pattern.test(text))?.[1] ?? "refused";
}

/** Lines that say nothing, or only that something went wrong. */
const NOISE =
  /^(Unable to Get Channel Cipher Suites|Loading IANA|Running Get|Discovered IPMB|Close Session command failed)/;
const OUTCOME = /^Error: Unable to establish /;

/** The line that says why: the last one that is more than the outcome. */
export function reasonOf(text: string): string {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !NOISE.test(line));
  return lines.findLast((line) => !OUTCOME.test(line)) ?? lines.at(-1) ?? "no reason given";
}

/** `chassis power status` → the state; undefined when it says neither. */
export function powerOf(text: string): PowerState | undefined {
  const state = /Chassis Power is (on|off)/i.exec(text)?.[1]?.toLowerCase();
  return state === "on" || state === "off" ? state : undefined;
}

/** Boot Device Selector: bits 5 to 2 of the second byte of parameter 5 (IPMI 2.0, table 28-14). */
const SELECTORS: Record<number, Exclude<BootDevice, "uefi-http">> = { 0: "none", 1: "pxe", 2: "disk" };

/** Boot flags: bit 6 of the first byte, "apply to all future boots" (table 28-14). */
const PERSISTENT = 0x40;

/** `chassis bootparam get 5` → the boot source it shows; undefined for one that Flint never sets. */
export function bootDeviceOf(text: string): { device: BootDevice; kind: OverrideKind } | undefined {
  const data = /Boot parameter data: ([0-9a-f]{10})/i.exec(text)?.[1];
  if (data === undefined) return undefined;
  const [flags = 0, selector = 0] = Buffer.from(data, "hex");
  const device = SELECTORS[(selector >> 2) & 0xf];
  if (device === undefined) return undefined;
  return { device, kind: device !== "none" && (flags & PERSISTENT) !== 0 ? "lasting" : "once" };
}

/** `fru print 0` → vendor, model and serial of the product, as far as they are filled in. */
export function identityOf(text: string): MachineIdentity {
  const field = (name: string) => filledIn(new RegExp(`^\\s*${name}\\s*:[ \\t]*(.*?)\\s*$`, "m").exec(text)?.[1]);
  const vendor = field("Product Manufacturer");
  const model = field("Product Name");
  const serial = field("Product Serial");
  return {
    ...(vendor === undefined ? {} : { vendor }),
    ...(model === undefined ? {} : { model }),
    ...(serial === undefined ? {} : { serial }),
  };
}
