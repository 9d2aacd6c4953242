import { type Answer, type Diagnosis, type Facts, isAtLeast, type StartCause } from "./causes.js";
import type { Sightings } from "./sightings.js";

export interface StartCase {
  mac: string;
  seen: Sightings;
  facts: Facts;
}

type Told = Omit<Diagnosis, "cause">;

const UNWRITTEN = "Its disk is not written again by itself.";

/** Each cause in words. A cause without its row does not compile. */
const TELL: Record<StartCause, (what: StartCase) => Told> = {
  "system-off": () => ({
    found: "that its power is off, as its BMC says",
    remedy: "See the BMC's event log for why it went off; then run `pulumi up`: it switches an installed machine on.",
  }),
  "system-silent": ({ mac, facts }) => ({
    found: [
      "no answer by ssh at its address",
      ...(facts.link === "down" ? ["its card has no link, as its BMC says"] : []),
    ].join("; "),
    remedy:
      facts.link === "down"
        ? `Check the cable of the card with MAC ${mac}, and its switch port.`
        : `Look at the machine's console: bootloader, kernel or network. ${UNWRITTEN}`,
  }),
  "sent-to-disk": () => ({
    found: "that it started from the network, was sent to its disk, and no system came from there",
    remedy: `Look at the machine's console: bootloader, or another disk that comes first. ${UNWRITTEN}`,
  }),
  "other-system": ({ seen }) => ({
    found:
      seen.answer === "installer"
        ? "the installer at its address: it started from the network instead of its disk"
        : "another host key at its address: another system has started, or another machine has the address",
    remedy: `Look at the machine's console: in the BIOS the disk with the installed system must come first. ${UNWRITTEN}`,
  }),
  "system-login-refused": () => ({
    found: "the installed system, which refuses the cluster's login key",
    remedy: "Restore the stack's state: its key is not the installed one.",
  }),
};

/** The one cause that explains why an installed system does not answer. */
export function diagnoseStart(what: StartCase): Diagnosis<StartCause> {
  const cause = causeOf(what);
  return { cause, ...TELL[cause](what) };
}

const BY_ANSWER: Record<Answer, StartCause | undefined> = {
  system: undefined,
  "system-refuses": "system-login-refused",
  installer: "other-system",
  "installer-refuses": "other-system",
  stranger: "other-system",
};

function causeOf({ seen, facts }: StartCase): StartCause {
  const told = seen.answer === undefined ? undefined : BY_ANSWER[seen.answer];
  if (told !== undefined) return told;
  if (facts.power === "off") return "system-off";
  return isAtLeast(seen.cause, "no-kernel") ? "sent-to-disk" : "system-silent";
}
