import type { WireEvent } from "./parse-wire.js";

/**
 * Why a machine that was told to boot the installer did not come, in the order in which a boot passes them: each names
 * the first thing that did not happen.
 */
export const BOOT_CAUSES = [
  "no-power",
  "no-link",
  "no-dhcp-request",
  "from-disk",
  "no-offer",
  "offer-not-accepted",
  "boot-file-not-asked",
  "boot-file-missing",
  "tftp-stopped",
  "wrong-architecture",
  "ipxe-not-started",
  "no-script",
  "no-kernel",
  "no-initrd",
  "no-ssh",
  "wrong-host-key",
  "login-refused",
] as const;
export type BootCause = (typeof BOOT_CAUSES)[number];

/** Why an installed system does not answer, in the same sense. */
export const START_CAUSES = [
  "system-off",
  "system-silent",
  "sent-to-disk",
  "other-system",
  "system-login-refused",
] as const;
export type StartCause = (typeof START_CAUSES)[number];

/** The later of two causes. */
export function later(a: BootCause, b: BootCause): BootCause {
  return BOOT_CAUSES.indexOf(a) < BOOT_CAUSES.indexOf(b) ? b : a;
}

/** Whether a boot came so far that only this cause, or a later one, can have stopped it. */
export function isAtLeast(cause: BootCause, least: BootCause): boolean {
  return BOOT_CAUSES.indexOf(cause) >= BOOT_CAUSES.indexOf(least);
}

/** One cause, what shows it, and what to do about it. Remedies are sentences; `found` goes on a sentence. */
export interface Diagnosis<C extends string = BootCause | StartCause> {
  cause: C;
  found: string;
  remedy: string;
}

/** What is asked once when a machine does not come; whatever could not be asked is absent. */
export interface Facts {
  /** As its BMC says. */
  power?: "on" | "off";
  /** Of the card that boots, as its BMC says. */
  link?: "up" | "down";
  /** MiB, as its BMC says. */
  memory?: number;
  /** Of its firmware, as its BMC says. */
  secureBoot?: "on" | "off";
  /** Before this start its BMC took the network as boot source, and showed it when it was read back. */
  overrideTaken?: true;
  /** Addresses of DHCP servers beside Flint's that offer one on the provisioning network. */
  otherServers?: readonly string[];
}

/** Who answers ssh at a node's address, by the host key that is shown. */
export type Answer =
  /** The installer of this attempt. */
  | "installer"
  /** The same, and it refuses the cluster's login key. */
  | "installer-refuses"
  /** The installed system with the host key that was made for it. */
  | "system"
  | "system-refuses"
  /** Another host key. */
  | "stranger";

/** Something that shows how far a machine is: at its servers, or at its address. */
export type Sight = WireEvent | { kind: "answer"; answer: Answer };
