import { FlintError } from "../../../foundation/errors.js";
import { toolMissing } from "../../../foundation/tool-missing.js";
import type { IpmiAddress } from "./address.js";
import { failureOf, reasonOf } from "./answers.js";

/** Whose BMC an error is about. */
export interface IpmiName {
  machine: string;
  address: IpmiAddress;
}

export const subjectOf = ({ machine, address }: IpmiName) =>
  `${machine}, BMC at ${address.host}${address.port === undefined ? "" : `:${address.port}`}`;

const ACCOUNT = (machine: string) =>
  `Check bmc.username and bmc.password of ${machine}, and that the account may use IPMI over LAN as an administrator.`;

/** What ipmitool said, as one error. @param what "power off", "boot from pxe". */
export function failed(bmc: IpmiName, what: string, text: string): FlintError {
  const reason = reasonOf(text);
  switch (failureOf(text)) {
    case "wrong-password":
      return notLetIn(bmc, "a wrong password");
    case "unknown-user":
      return notLetIn(bmc, "no such user");
    case "privilege":
      return notAllowed(bmc, what, reason);
    case "cipher-suite":
      return cipherSuiteRefused(bmc, reason);
    case "no-session":
    case "no-answer":
      return unreachable(bmc, reason);
    case "busy":
      return busy(bmc, what, reason);
    case "refused":
      return refused(bmc, what, reason);
  }
}

function notLetIn(bmc: IpmiName, found: string): FlintError {
  return new FlintError("BMC_AUTH", {
    subject: subjectOf(bmc),
    expected: `user ${bmc.address.username} to be let in`,
    found,
    remedy: ACCOUNT(bmc.machine),
  });
}

function notAllowed(bmc: IpmiName, what: string, found: string): FlintError {
  return new FlintError("BMC_AUTH", {
    subject: subjectOf(bmc),
    expected: `user ${bmc.address.username} to be allowed ${what}`,
    found,
    remedy: ACCOUNT(bmc.machine),
  });
}

function cipherSuiteRefused(bmc: IpmiName, found: string): FlintError {
  return new FlintError("BMC_CIPHER_SUITE", {
    subject: subjectOf(bmc),
    expected: `cipher suite ${bmc.address.cipherSuite ?? "of the BMC's list"} to be accepted`,
    found,
    remedy: `Set bmc.cipherSuite of ${bmc.machine} to one that the BMC allows: \`ipmitool channel getciphers ipmi 1\` on the machine lists them.`,
  });
}

function unreachable(bmc: IpmiName, found: string): FlintError {
  return new FlintError("BMC_UNREACHABLE", {
    subject: subjectOf(bmc),
    expected: "an IPMI 2.0 session (UDP)",
    found,
    remedy:
      "Check that the BMC has power and network, that this is its address, and that IPMI over LAN is enabled in it.",
  });
}

function busy(bmc: IpmiName, what: string, found: string): FlintError {
  return new FlintError("BMC_BUSY", {
    subject: subjectOf(bmc),
    expected: `a BMC that has time for ${what}`,
    found,
    remedy:
      "The BMC is busy, or others hold all of its sessions: end theirs, or wait a minute; then run the update again.",
  });
}

function refused(bmc: IpmiName, what: string, found: string): FlintError {
  return new FlintError("BMC_REFUSED", {
    subject: subjectOf(bmc),
    expected: `${what} to be accepted`,
    found,
    remedy: "See what the BMC says above; its firmware may need an update, or use Redfish if it has it.",
  });
}

export function passwordTooLong(bmc: IpmiName, bytes: number): FlintError {
  return new FlintError("BMC_AUTH", {
    subject: subjectOf(bmc),
    expected: "a password of at most 20 bytes, which is all that IPMI 2.0 knows",
    found: `${bytes} bytes`,
    remedy: `Give the account a shorter password and set it in bmc.password of ${bmc.machine}. Nothing was sent.`,
  });
}

export function noSuchDevice(bmc: IpmiName): FlintError {
  return new FlintError("BMC_REFUSED", {
    subject: subjectOf(bmc),
    expected: "boot from pxe or disk",
    found: "uefi-http, which IPMI has no word for",
    remedy: "Use Redfish for UEFI HTTP boot, or set the boot order in the firmware.",
  });
}

export function bootIgnored(bmc: IpmiName, expected: string, found: string): FlintError {
  return new FlintError("BMC_BOOT_IGNORED", {
    subject: subjectOf(bmc),
    expected: `boot override ${expected}`,
    found,
    remedy: "The BMC took the change and does not show it. Update its firmware, or set the boot order in the BIOS.",
  });
}

export function unexpectedAnswer(bmc: IpmiName, expected: string, text: string): FlintError {
  return new FlintError("BMC_ANSWER", {
    subject: subjectOf(bmc),
    expected,
    found: reasonOf(text),
    remedy: "Try `ipmitool -I lanplus` by hand, and update the BMC's firmware.",
  });
}

export function ipmitoolMissing(): FlintError {
  return toolMissing("ipmitool");
}
