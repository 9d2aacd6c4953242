import { architectureName, isHttpBoot } from "./architecture.js";
import { type Answer, type BootCause, type Diagnosis, type Facts, isAtLeast } from "./causes.js";
import { memoryNeeded, memoryText } from "./memory.js";
import type { BootWatch, Sightings } from "./sightings.js";

/** What a diagnosis is made of. */
export interface Case {
  watch: BootWatch;
  seen: Sightings;
  facts: Facts;
  /** How long nothing was seen: "1 min 35 s". Absent where that says nothing. */
  silence?: string;
  /** The file that the machine fetches is still on its way. Default: it has stopped. */
  moving?: boolean;
}

type Told = Omit<Diagnosis, "cause">;

const ANSWERS: Record<Answer, string> = {
  installer: "this attempt's installer answers ssh at its address",
  "installer-refuses": "its installer answers ssh at its address and refuses the cluster's login key",
  system: "the installed system answers ssh at its address",
  "system-refuses": "the installed system answers ssh at its address and refuses the cluster's login key",
  stranger: "another system, with another host key, answers ssh at its address",
};

const CONSOLE = "look at the machine's console";
const MEMORY = "Check the link's speed and errors, and the machine's memory: kernel and initrd must fit into it twice.";
/** Beside another server, UEFI HTTP boot takes that server's own answer. */
const otherWon = ({ networkBoot }: BootWatch) =>
  `The other server won: switch it off on this network, or set pxe.dhcp.mode: ${networkBoot === "uefi-http" ? "external, with which it gives out the boot files, too" : "proxy, with which it goes on giving out addresses"}.`;
/** What is found, and what is to be done, of a machine that does not answer and that is off. */
export const OFF = "its BMC shows it off";
export const LOST_POWER =
  "It has lost its power, or was switched off: see its BMC's event log, mend the cause, then run `pulumi up` again: it is switched on, and goes on from here.";
/** The network is the boot source of one start. */
const RESTARTED =
  "If it restarted on the way, it came up from its disk: `pulumi up` again starts the installer once more.";
const FILES = "Run `pulumi refresh`, then `pulumi up`: it puts the file there again.";

/** Each cause in words. A cause without its row does not compile. */
const TELL: Record<BootCause, (what: Case) => Told> = {
  "no-power": () => ({
    found: "that its power is off, as its BMC says",
    remedy:
      "See the BMC's event log for why it went off or did not come on, check its power supplies, then run `pulumi up` again.",
  }),
  "no-link": ({ watch }) => ({
    found: `${nothing(watch)}; the card has no link, as its BMC says`,
    remedy: `Check the cable of the card with MAC ${watch.mac}, and that its switch port is enabled.`,
  }),
  "no-dhcp-request": ({ watch }) => ({
    found: nothing(watch),
    remedy: watch.externalDhcp
      ? `Look for MAC ${watch.mac} in the DHCP server's log. If it asked there, give that server the entries of \`pulumi stack output dhcpOptions\`; if not, check link and VLAN of the card, and that the firmware boots from it.`
      : `Check the link and VLAN of the card with MAC ${watch.mac}, that its switch port forwards at once (an edge port of the spanning tree), and that ${watch.networkBoot === "uefi-http" ? "UEFI HTTP boot over IPv4 is enabled for it in the firmware's setup" : "the firmware boots from it"}.`,
  }),
  "from-disk": fromDisk,
  "no-offer": (what) => ({
    found: quiet(what, `${what.seen.message ?? "a DHCP request"}, but no offer was made${noteOf(what.seen)}`),
    remedy: `Check that the provisioning host's DHCP names MAC ${what.watch.mac} (dnsmasq/hosts.d/${what.watch.node}), and its journal; then run \`pulumi up\` again.`,
  }),
  "offer-not-accepted": offerNotAccepted,
  "boot-file-not-asked": bootFileNotAsked,
  "boot-file-missing": (what) => ({
    found: quiet(what, `the boot file ${what.seen.file ?? ""} was asked for, and is not there`),
    remedy: FILES,
  }),
  "tftp-stopped": (what) => ({
    found: quiet(what, `TFTP began${fileOf(what.seen)} and stopped`),
    remedy:
      "Something between the machine and the provisioning host drops UDP: TFTP answers from a port of its own. Check firewalls, and the switch port's errors and MTU.",
  }),
  "wrong-architecture": (what) => ({
    found: quiet(
      what,
      `firmware that asked as ${architectureName(what.seen.architecture ?? -1)}, where ${declared(what.watch)} is declared`,
    ),
    remedy: `Set the machine's firmware to ${what.watch.firmware === "uefi" ? "UEFI" : "legacy BIOS"} boot, or declare the node's firmware as it is.`,
  }),
  "ipxe-not-started": ipxeNotStarted,
  "no-script": noScript,
  "no-kernel": (what) => transfer(what, "kernel"),
  "no-initrd": (what) => transfer(what, "initrd"),
  "no-ssh": noSsh,
  "wrong-host-key": (what) => ({
    found: quiet(what, "kernel and initrd were fetched, but ssh answers with another host key than this attempt's"),
    remedy:
      "It runs an earlier attempt's installer, one that did not get its keys, or another machine has its address: switch it off, check the address, and run `pulumi up` again.",
  }),
  "login-refused": (what) => ({
    found: quiet(what, "its installer answers, but refuses the cluster's login key"),
    remedy: `Another key is in its archive than in the stack: run \`pulumi up\` again; if it stays, ${CONSOLE}.`,
  }),
};

/** The one cause that explains what was and was not seen. */
export function diagnose(what: Case): Diagnosis<BootCause> {
  const cause = causeOf(what);
  const told = TELL[cause](what);
  // Of a machine that is off, neither console nor network tell anything.
  const isOff = what.facts.power === "off" && cause !== "no-power";
  const brokeOff = what.seen.answer === "system" && isAtLeast(cause, "offer-not-accepted");
  const remedy = isOff ? LOST_POWER : brokeOff ? `${told.remedy} ${RESTARTED}` : told.remedy;
  return { cause, remedy, found: [told.found, ...asides(cause, what)].join("; ") };
}

function causeOf({ seen, facts }: Case): BootCause {
  if (seen.cause !== "no-dhcp-request") return seen.cause;
  if (facts.power === "off") return "no-power";
  return facts.link === "down" ? "no-link" : "no-dhcp-request";
}

/** What is true besides, and may have followed from the cause. */
function asides(cause: BootCause, { seen, facts, watch }: Case): string[] {
  const told: BootCause[] = ["wrong-host-key", "login-refused"];
  return [
    ...(seen.answer === undefined || told.includes(cause) ? [] : [ANSWERS[seen.answer]]),
    ...(seen.unfit === true && cause !== "wrong-architecture"
      ? [`its firmware asked as ${architectureName(seen.architecture ?? -1)}, where ${declared(watch)} is declared`]
      : []),
    // iPXE, once it runs, asks as PXE whoever loaded it.
    ...(watch.networkBoot === "uefi-http" && seen.unfit === false && !asksByHttp(seen) && !isAtLeast(cause, "no-script")
      ? [`its firmware asked as ${architectureName(seen.architecture ?? -1)}, not by UEFI HTTP boot as it was told to`]
      : []),
    ...(facts.power === "off" && cause !== "no-power" ? [OFF] : []),
  ];
}

const asksByHttp = ({ architecture }: Sightings) => architecture !== undefined && isHttpBoot(architecture);

function fromDisk({ seen, watch, facts }: Case): Told {
  const found = [
    nothing(watch),
    ...(seen.system === undefined ? [] : [`only one by an operating system${vendorOf(seen)}`]),
  ].join(", ");
  if (facts.overrideTaken !== true)
    return {
      found,
      remedy:
        "The machine started from a disk instead of the network, or another one has its address: check the boot order in the BIOS, and its address.",
    };
  // What asked DHCP has the machine's own MAC, and what shows its host key is its disk's; a stranger may be somebody else.
  const itself = seen.system !== undefined || seen.answer !== "stranger";
  return {
    found: `${found}, although its BMC took the network as boot source and showed it when read back`,
    remedy: `The firmware ignores its BMC's boot override${itself ? "" : ", or another machine has its address"}: put the card with MAC ${watch.mac} first in the boot order in the BIOS, where it may stay, as a finished machine is sent on to its disk; or update the firmware of BIOS and BMC.`,
  };
}

function offerNotAccepted(what: Case): Told {
  const { seen, facts, watch } = what;
  // Beside a ProxyDHCP server there must be another one.
  const others = seen.message === "PXE" ? [] : (facts.otherServers ?? []);
  const offer = seen.offered === undefined ? "an offer" : `an offer of ${seen.offered}`;
  const other = others.length === 0 ? "another DHCP server" : `the DHCP server at ${others.join(" and ")}`;
  if (seen.elsewhere !== undefined)
    return {
      found: quiet(what, `${offer}, but the machine asked ${other} for ${seen.elsewhere}`),
      remedy: otherWon(watch),
    };
  if (others.length > 0)
    return {
      found: quiet(what, `${offer}, which the machine did not take; ${other} offers addresses, too`),
      remedy: otherWon(watch),
    };
  return {
    found: quiet(what, `${offer}, which the machine did not take${noteOf(seen)}`),
    remedy: "Another DHCP server may have won, or the firmware refuses the offer: check for a second DHCP server.",
  };
}

function bootFileNotAsked(what: Case): Told {
  const { seen } = what;
  if (seen.file !== undefined)
    return {
      found: quiet(what, `the firmware asked for the size of ${seen.file}, but not for the file`),
      remedy: `The firmware refuses the boot file, or was switched off: ${CONSOLE}.`,
    };
  const found = quiet(what, `${seen.message ?? "a DHCP request"}, but no boot file was asked for`);
  // As EDK II does where a maker has not changed it: PcdAllowHttpConnections is false (NetworkPkg.dec).
  if (asksByHttp(seen))
    return {
      found,
      remedy: `Some firmware takes a boot file by https only: allow plain HTTP for network boot in its setup. Or it has another URL from a second DHCP server: ${CONSOLE}, and check for one.`,
    };
  return {
    found,
    remedy: `The firmware does not take the boot file's name, or it has another one from a second DHCP server: ${CONSOLE}, and check for a second DHCP server.`,
  };
}

function ipxeNotStarted(what: Case): Told {
  const sent = `the boot file ${what.seen.file ?? ""} was sent, but iPXE asked for no script`;
  switch (what.facts.secureBoot) {
    case "on":
      return {
        found: `${quiet(what, sent)}; Secure Boot is on, as its BMC says`,
        remedy:
          "Its firmware refuses iPXE, which is signed with no key that it knows: switch Secure Boot off in its setup or through its BMC, or sign iPXE with a key of yours (docs/how-it-boots.md).",
      };
    case "off":
      return { found: quiet(what, sent), remedy: `The boot file may be of another architecture: ${CONSOLE}.` };
    case undefined:
      return {
        found: quiet(what, sent),
        remedy: `Secure Boot may refuse iPXE, or the architecture is wrong: ${CONSOLE}.`,
      };
  }
}

function noScript(what: Case): Told {
  const { seen, watch } = what;
  if (seen.script === undefined)
    return {
      found: quiet(what, "iPXE is up, but fetched no boot.ipxe"),
      remedy: "Check that nothing between the machine and the provisioning host blocks TCP to its web server.",
    };
  const missing = /^\/boot\.ipxe\S* \([45]/.test(seen.script);
  return {
    found: quiet(what, `iPXE fetched ${seen.script}, but not the node's script`),
    remedy: missing ? FILES : `Check that the booting card has MAC ${watch.mac}.`,
  };
}

function transfer(what: Case, file: "kernel" | "initrd"): Told {
  const { seen, watch, facts } = what;
  if (seen.refused !== undefined)
    return { found: quiet(what, `the ${file} was refused: ${seen.refused}`), remedy: FILES };
  if (what.moving === true)
    return {
      found: `the ${file} still on its way: ${progressOf(seen, watch, file)}`,
      remedy: "The link is slow: check its speed and errors; for a link that is meant to be, raise deadlines.boot.",
    };
  const short = facts.memory !== undefined && facts.memory < memoryNeeded(watch.image);
  return {
    found: quiet(what, `the ${file} stopped: ${progressOf(seen, watch, file)}`),
    remedy: short ? `It has ${facts.memory} MiB of memory, and ${memoryText(watch.image)}. Give it more.` : MEMORY,
  };
}

function noSsh(what: Case): Told {
  const { seen, watch, facts } = what;
  const found = quiet(what, "kernel and initrd were fetched, but ssh does not answer");
  if (seen.installerAsked === true)
    return {
      found: `${found}; the installer asked for its address, so it runs`,
      remedy: `Its sshd does not start, or a firewall is in between: ${CONSOLE}.`,
    };
  const { memory } = facts;
  if (memory === undefined)
    return {
      found,
      remedy: `Look at the machine's console: too little memory (${memoryText(watch.image)}), or no driver for the network card.`,
    };
  const has = `it has ${memory} MiB of memory`;
  return memory < memoryNeeded(watch.image)
    ? {
        found: `${found}; ${has}, and ${memoryText(watch.image)}`,
        remedy: "Give the machine more memory, or its profile a smaller image.",
      }
    : {
        found: `${found}; ${has}, which is enough`,
        remedy: "Look at the machine's console: the kernel stopped, or it has no driver for the network card.",
      };
}

/** "initrd 42 % of 64 MB"; a simulated rack's has some kB. */
export function progressOf({ inFlight }: Sightings, { image }: BootWatch, file: "kernel" | "initrd"): string {
  const { size } = image[file];
  const percent = `${Math.min(100, Math.floor((100 * inFlight) / size))} %`;
  return file === "kernel" ? `kernel ${percent}` : `initrd ${percent} of ${sizeText(size)}`;
}

const sizeText = (bytes: number) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6)} MB`);

function quiet({ silence }: Case, text: string): string {
  return silence === undefined ? text : `${text}; nothing since ${silence}`;
}

/** Of a machine that asked Flint's servers for nothing. */
const nothing = ({ externalDhcp }: BootWatch) =>
  externalDhcp
    ? "no request for a boot file; DHCP is another server's and not seen here"
    : "no DHCP request on the wire";
const noteOf = ({ note }: Sightings) => (note === undefined ? "" : ` (${note})`);
const fileOf = ({ file }: Sightings) => (file === undefined ? "" : ` to send ${file}`);
const vendorOf = ({ system }: Sightings) => (system?.vendor === undefined ? "" : ` (${system.vendor})`);
const declared = ({ firmware, processor = "x86_64" }: BootWatch) =>
  `${processor === "aarch64" ? "64-bit ARM" : "x86-64"} ${firmware === "uefi" ? "UEFI" : "BIOS"}`;
