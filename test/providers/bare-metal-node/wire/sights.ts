import type { Facts, Sight } from "../../../../providers/bare-metal-node/wire/causes.js";
import { diagnose } from "../../../../providers/bare-metal-node/wire/diagnose.js";
import { type BootWatch, NOTHING_SEEN, see } from "../../../../providers/bare-metal-node/wire/sightings.js";

export const MAC = "52:54:00:00:00:01";
export const ADDRESS = "10.0.100.50";
export const KERNEL = "/images/0123456789abcdef/bzImage";
export const INITRD = "/images/0123456789abcdef/initrd";
export const SCRIPT = "/nodes/52-54-00-00-00-01.ipxe";
export const WATCH = {
  node: "node01",
  mac: MAC,
  address: ADDRESS,
  firmware: "uefi",
  image: { kernel: { path: KERNEL, size: 8_000_000 }, initrd: { path: INITRD, size: 64_000_000 }, cmdline: "" },
} as const;

type Dhcp = Extract<Sight, { kind: "dhcp" }>;
export const dhcp = (message: string, more: Partial<Dhcp> = {}): Sight => ({
  kind: "dhcp",
  message,
  mac: MAC,
  ...more,
});
export const UEFI = { asker: "firmware", architecture: 7 } as const;
export const UEFI_HTTP = { asker: "firmware", architecture: 16 } as const;
export const DISCOVER = dhcp("DHCPDISCOVER", UEFI);
export const OFFER = dhcp("DHCPOFFER", { ...UEFI, address: ADDRESS });
export const ACK = dhcp("DHCPACK", { ...UEFI, address: ADDRESS });
export const BEGUN: Sight = { kind: "tftp-begun", address: ADDRESS };
export const tftp = (ok: boolean, missing?: true): Sight => ({
  kind: "tftp",
  file: "/var/lib/flint/dev/tftp/snponly.efi",
  address: ADDRESS,
  ok,
  ...(missing === undefined ? {} : { missing }),
});
export const http = (uri: string, status = 200, bytes = 300): Sight => ({
  kind: "http",
  uri,
  address: ADDRESS,
  status,
  bytes,
});
export const answer = (who: Extract<Sight, { kind: "answer" }>["answer"]): Sight => ({ kind: "answer", answer: who });
export const ELSEWHERE = [
  dhcp("DHCPREQUEST", { ...UEFI, address: "10.0.100.207" }),
  dhcp("DHCPNAK", { ...UEFI, address: "10.0.100.207", note: "wrong server-ID" }),
];
export const IPXE_ACK = dhcp("DHCPACK", { asker: "ipxe", architecture: 7, address: ADDRESS });
export const SYSTEM = dhcp("DHCPDISCOVER", { asker: "system", vendor: "udhcp 1.37.0" });

export const TO_ACK = [DISCOVER, OFFER, dhcp("DHCPREQUEST", { ...UEFI, address: ADDRESS }), ACK];
export const TO_IPXE = [
  ...TO_ACK,
  BEGUN,
  tftp(true),
  dhcp("DHCPDISCOVER", { asker: "ipxe", architecture: 7 }),
  IPXE_ACK,
];
export const TO_SCRIPT = [...TO_IPXE, http("/boot.ipxe"), http(SCRIPT)];
export const TO_KERNEL = [...TO_SCRIPT, http(KERNEL, 200, 8_000_000)];
export const LOADED = [...TO_KERNEL, http(`/keys/${ADDRESS}/ab.cpio`), http(INITRD, 200, 64_000_000)];

/** What is said after these sights, and with what was asked. */
export function of(sights: readonly Sight[], facts: Facts = {}, watch: BootWatch = WATCH) {
  const seen = sights.reduce((before, sight) => see(watch, before, sight), NOTHING_SEEN);
  return diagnose({ watch, seen, facts, silence: "9 s" });
}
