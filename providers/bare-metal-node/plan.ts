import { FlintError } from "../../foundation/errors.js";
import { livingMachine, type Serving } from "./living-machine.js";
import { DATA_KEY } from "./material.js";
import {
  foreign,
  installedAlready,
  loginRefused,
  otherDiskKey,
  otherGeneration,
  otherInstallation,
  otherKeys,
} from "./plan-refusals.js";
import { isFinished, type NodeRecord } from "./record.js";
import { otherAddress } from "./refused-changes.js";

/** What was seen of a machine before anything is done. Silence is "silent", never "absent". */
export interface Seen {
  /** ssh at the node's address with the host key made for the installed system. */
  system:
    | { state: "silent" }
    /** A closed port: something boots, or has no sshd. */
    | { state: "refused" }
    /** Another host key: the installer, or another operating system. */
    | { state: "stranger" }
    | { state: "login-refused" }
    | {
        state: "running";
        cluster: string | undefined;
        node: string | undefined;
        mark: string | undefined;
        toplevel: string;
        rebootNeeded: boolean;
        /** Paths of secrets that differ from the declared ones. */
        staleMaterial: string[];
        /** Its services were not restarted since secrets were replaced. Default false. */
        unread?: boolean;
      };
  /** ssh at the node's address with the host key of the recorded attempt; "outdated": another image is published now. */
  installer: "running" | "outdated" | "silent";
  /** How far an earlier attempt came, as recorded on the provisioning host; undefined: never tried. */
  record: Pick<NodeRecord, "phase" | "mark" | "lasting"> | undefined;
  /** `unknown`: nobody can see it. */
  power: "on" | "off" | "unknown";
  /** "other-disk": a finished machine's, by another way than the declared one. */
  bootScript: "install" | "disk" | "other-disk" | "foreign" | "none";
  /** Another node as which an installation of the machine was begun, and not finished. Default: none. */
  begunAs?: string | undefined;
  /** The address that it has by its entry for DHCP. Default: none. */
  registeredAddress?: string | undefined;
  /** What shows that its system lives although ssh does not reach it. Asked of a machine that would be booted, and may be on. */
  serves: readonly Serving[];
}

export interface Wish {
  cluster: string;
  node: string;
  mark: string;
  address: string;
  /** Marks of this machine's lower generations: what carries one may be installed over when the machine is off. */
  earlier: ReadonlySet<string>;
  /** An installation of this machine was finished once, as the state knows: it is not installed again by an update. */
  installedBefore: boolean;
  /** The state knows nothing of this machine. */
  unknown?: boolean;
  /** Where a system runs already: the store path that it should be. */
  toplevel?: string;
}

/** One thing to do, and why; shown to the user as it begins. */
export type NodeStep = { reason: string } & (
  | { do: "register-install" }
  | { do: "boot-installer" }
  | { do: "accept-disk" }
  | { do: "install" }
  | { do: "register-disk" }
  | { do: "leave-installer" }
  | { do: "end-override" }
  | { do: "power-on" }
  | { do: "await-system" }
  | { do: "write-material"; paths: string[] }
  | { do: "switch" }
  | { do: "reboot" }
);

/** Steps by which a machine ends whatever runs on it, or that lead there. */
const ENDING: readonly NodeStep["do"][] = [
  "register-install",
  "boot-installer",
  "install",
  "leave-installer",
  "power-on",
];

/**
 * What to do with one machine, from what was seen of it. Pure: no clock, no I/O.
 * A disk is written by the step "install" only, which always follows "accept-disk".
 * @throws FlintError `NODE_OTHER_INSTALLATION`, `NODE_REINSTALL`, `NODE_LIVING`, `NODE_FOREIGN`, `NODE_LOGIN`, `NODE_KEYS`,
 * `NODE_WIPED`, `NODE_ADDRESS`, `DISK_KEY`.
 */
export function planNode(wish: Wish, seen: Seen): NodeStep[] {
  const steps = planSteps(wish, seen);
  if (wish.installedBefore && steps.some((step) => step.do === "register-install" || step.do === "install"))
    throw installedAlready(wish, seen);
  const { system, serves } = seen;
  // An attempt of our own that is under way explains a silent ssh, but nothing that serves.
  if (serves.length > 0 && system.state !== "running" && steps.some((step) => ENDING.includes(step.do)))
    throw livingMachine(wish, system.state, serves);
  return steps;
}

function planSteps(wish: Wish, seen: Seen): NodeStep[] {
  const wiped = seen.record?.phase === "wiping" || seen.record?.phase === "wiped";
  if (wiped && (seen.system.state === "running" || seen.serves.length > 0)) throw wipedBefore(wish);
  if (seen.system.state === "running") return planRunning(wish, seen, seen.system);
  const finished = isFinished(seen.record);
  const ours = seen.record?.mark === wish.mark;
  if (seen.installer !== "silent" && finished && ours) return leaveInstaller(seen);
  if (seen.installer === "running") return install("the installer of an earlier attempt is up");
  // It came up once with the keys of that time; a stack that knew them would not be new to it.
  if (wish.unknown === true && ours && seen.record?.phase === "ready" && seen.system.state === "stranger")
    throw otherKeys(wish);
  if (finished && ours) {
    refuseOtherRegistration(wish, seen);
    const steps: NodeStep[] = [];
    steps.push(...registerDisk(seen, "it is installed"), ...endOverride(seen));
    if (seen.power === "off") steps.push({ do: "power-on", reason: "it is installed and switched off" });
    if (seen.power === "unknown" && seen.system.state === "silent")
      steps.push({ do: "power-on", reason: "it is installed and silent; it may be switched off" });
    steps.push({ do: "await-system", reason: "it is installed; it may be starting" });
    return steps;
  }
  // With an attempt of ours on record, the stranger is our own installer without its keys, or what the firmware booted
  // instead of it: it was restarted by us once already.
  if (seen.system.state === "stranger" && seen.record === undefined) throw foreign(wish, seen.begunAs);
  if (seen.system.state === "login-refused") throw loginRefused(wish);
  // One that is on may only be unreachable; one that is off is installed over only where its generation was raised.
  if (finished && seen.record !== undefined && seen.installer === "silent")
    if (seen.power !== "off" || !wish.earlier.has(seen.record.mark)) throw otherGeneration(wish, seen.record.mark);
  const reason =
    seen.record === undefined
      ? "nothing is known of this machine"
      : finished || wiped
        ? wiped
          ? "its disk was wiped"
          : "another installation is recorded for it"
        : seen.installer === "outdated"
          ? "the installer of an earlier attempt is up, but another image was published since"
          : "an earlier attempt did not finish";
  return afresh(reason, seen);
}

function afresh(reason: string, seen: Seen): NodeStep[] {
  return [
    { do: "register-install", reason },
    { do: "boot-installer", reason: NOT_BOOTED[seen.power] },
    ...install("the installer is up"),
  ];
}

const NOT_BOOTED: Record<Seen["power"], string> = {
  on: "it is on, but not in the installer",
  off: "it is off",
  unknown: "it is not in the installer",
};

function install(reason: string): NodeStep[] {
  return [
    { do: "accept-disk", reason },
    { do: "install", reason: "the disk is the declared one and may be written" },
    { do: "register-disk", reason: "from now on it boots from its disk" },
    { do: "leave-installer", reason: "the system is on the disk" },
    { do: "await-system", reason: "it starts from its disk" },
  ];
}

function leaveInstaller(seen: Seen): NodeStep[] {
  const steps: NodeStep[] = [];
  steps.push(...registerDisk(seen, "it is installed"));
  steps.push({ do: "leave-installer", reason: "it is installed, and still in the installer" });
  steps.push({ do: "await-system", reason: "it starts from its disk" });
  return steps;
}

/** What is on its disk knows its address: it would be waited for where it never answers, whether the state knows of it or not. */
function refuseOtherRegistration({ node, address }: Wish, { registeredAddress = address }: Seen): void {
  if (registeredAddress !== address) throw otherAddress(node, "provisioning", registeredAddress, address);
}

function registerDisk({ bootScript }: Seen, why: string): NodeStep[] {
  if (bootScript === "disk") return [];
  const reason = bootScript === "other-disk" ? "another way back to its disk is declared" : why;
  return [{ do: "register-disk", reason }];
}

/** Of a machine that has left its installer by itself. */
function endOverride({ record }: Seen): NodeStep[] {
  if (record?.lasting !== true) return [];
  return [
    { do: "end-override", reason: "it still starts from the network first, as the run that installed it had it" },
  ];
}

function planRunning(wish: Wish, seen: Seen, system: Extract<Seen["system"], { state: "running" }>): NodeStep[] {
  if (system.cluster !== wish.cluster || system.node !== wish.node) throw otherInstallation(wish, system);
  if (system.mark !== undefined && system.mark !== wish.mark) {
    if (!wasLetGo(wish, seen, system.mark)) throw otherGeneration(wish, system.mark);
    return afresh("the system that was let go for this installation has started again", seen);
  }
  const steps: NodeStep[] = [];
  steps.push(...registerDisk(seen, "it runs from its disk"), ...endOverride(seen));
  if (system.staleMaterial.includes(DATA_KEY)) throw otherDiskKey(wish);
  if (system.staleMaterial.length > 0) {
    steps.push({ do: "write-material", reason: "secrets changed", paths: system.staleMaterial });
  } else if (system.unread === true) {
    steps.push({ do: "write-material", reason: "its services run with secrets of before", paths: [] });
  }
  const switches = wish.toplevel !== undefined && wish.toplevel !== system.toplevel;
  if (switches) steps.push({ do: "switch", reason: "another system is declared" });
  // Whether a new system needs a reboot is known only after the switch; the step looks by itself.
  if (switches || system.rebootNeeded) steps.push({ do: "reboot", reason: "if kernel or its parameters changed" });
  return steps;
}

/**
 * The installation that the raised generation asks for was begun, in this stack: the system of before had been let go for it, its
 * members first. A machine that restarts by itself before its disk is laid out comes up with that once more.
 */
function wasLetGo(wish: Wish, { record, serves }: Seen, mark: string): boolean {
  const begun = record?.phase === "booting" || record?.phase === "installing";
  if (!begun || record.mark !== wish.mark || wish.unknown === true) return false;
  return wish.earlier.has(mark) && serves.length === 0;
}

/** It answers from memory: nothing that it writes lasts, and it does not start again. */
function wipedBefore(wish: Wish): FlintError {
  return new FlintError("NODE_WIPED", {
    subject: `${wish.node} at ${wish.address}`,
    expected: "a system that starts again from its disk",
    found: "that its disk was being wiped when a run ended before it could switch the machine off",
    remedy:
      wish.unknown === true
        ? "Switch it off and run `pulumi up` again: it is installed anew."
        : "Raise its generation and run `pulumi up` again: it is let go, and installed anew.",
  });
}
