import { FlintError } from "../../../foundation/errors.js";
import { seconds } from "../../../foundation/wait.js";

/** Whose BMC an error is about. */
export interface BmcName {
  machine: string;
  url: string;
  username: string;
}

const subjectOf = ({ machine, url }: BmcName) => `${machine}, BMC at ${url}`;

export function unreachable(bmc: BmcName, found: string, cause?: unknown): FlintError {
  return new FlintError("BMC_UNREACHABLE", {
    subject: subjectOf(bmc),
    expected: "a Redfish service",
    found,
    remedy: "Check that the BMC has power and network, and that this is its address.",
    cause,
  });
}

export function noAnswer(bmc: BmcName, what: string, afterMs: number): FlintError {
  return new FlintError("BMC_TIMEOUT", {
    subject: subjectOf(bmc),
    expected: `an answer to ${what} within ${seconds(afterMs)}`,
    found: "none",
    remedy: "The BMC may be frozen: try its web page, reset the BMC (not the machine), then run the update again.",
  });
}

export function badCertificate(bmc: BmcName, expected: string, found: string): FlintError {
  return new FlintError("BMC_CERTIFICATE", {
    subject: subjectOf(bmc),
    expected,
    found,
    remedy:
      "Declare its CA (bmc.ca), or its fingerprint (bmc.fingerprint) after comparing it with the BMC's own page. Nothing was sent to it.",
  });
}

export function notLetIn(bmc: BmcName, found: string): FlintError {
  return new FlintError("BMC_AUTH", {
    subject: subjectOf(bmc),
    expected: `user ${bmc.username} to be let in`,
    found,
    remedy: `Check bmc.username and bmc.password of ${bmc.machine}, and that the account may control power and boot.`,
  });
}

/** @param what "power off", "boot from pxe". */
export function refused(bmc: BmcName, what: string, found: string): FlintError {
  return new FlintError("BMC_REFUSED", {
    subject: subjectOf(bmc),
    expected: `${what} to be accepted`,
    found,
    remedy: "See what the BMC says above; its firmware may need an update, or the setting may be locked in the BIOS.",
  });
}

/** A refusal that passes by itself. */
export function passing(bmc: BmcName, what: string, found: string): FlintError {
  return new FlintError("BMC_BUSY", {
    subject: subjectOf(bmc),
    expected: `${what} to be accepted`,
    found,
    remedy: "The BMC refuses this for now, as while the machine starts. Run the update again when it is through.",
  });
}

export function unexpectedAnswer(bmc: BmcName, expected: string, found: string): FlintError {
  return new FlintError("BMC_ANSWER", {
    subject: subjectOf(bmc),
    expected,
    found,
    remedy: "Check that this address is a Redfish service (GET /redfish/v1/), and update the BMC's firmware.",
  });
}

export function whichSystem(bmc: BmcName, paths: readonly string[]): FlintError {
  return new FlintError("BMC_SYSTEM", {
    subject: subjectOf(bmc),
    expected: "one system",
    found: paths.length === 0 ? "none" : paths.join(", "),
    remedy:
      paths.length === 0
        ? "The BMC may still be starting; wait a minute, then run the update again."
        : `Say which one ${bmc.machine} is: bmc.system: ${paths[0]}`,
  });
}

export function noSuchSystem(bmc: BmcName, path: string, there: readonly string[]): FlintError {
  return new FlintError("BMC_SYSTEM", {
    subject: subjectOf(bmc),
    expected: `a system at ${path}`,
    found: there.length === 0 ? "none at all" : `only ${there.join(", ")}`,
    remedy: `Correct bmc.system of ${bmc.machine}, or leave it out where there is only one.`,
  });
}

export function overrideIgnored(bmc: BmcName, expected: string, found: string): FlintError {
  return new FlintError("BMC_BOOT_IGNORED", {
    subject: subjectOf(bmc),
    expected: `boot override ${expected}`,
    found,
    remedy: "The BMC took the change and does not show it. Update its firmware, or set the boot order in the BIOS.",
  });
}
