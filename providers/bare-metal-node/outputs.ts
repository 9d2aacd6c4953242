import type { ForeignDisk } from "./disk/foreign.js";

/** What the state keeps of a machine beside its inputs. */
export interface NodeOutputs {
  /** Last phase that was reached; "ready" when the declared system runs. */
  phase: NodePhase;
  /** Store path of the running system. */
  toplevel: string;
  /** Of the last start that was seen. */
  bootId: string;
  /** A refresh found the machine switched off: the next update switches it on. Absent otherwise. */
  power?: "off";
  /** Serial of the machine as seen. */
  machineSerial: string;
  /** Kernel name and serial of the disk that carries the system. */
  installedDisk: string;
  /** One digest over the files that were put beside the closure: certificates, keys, join configuration. */
  files: string;
  /** Digest of what takes a restart when it changes: kernel parameters. Absent in states of older releases. */
  boot?: string;
  /** When each phase of the last create or update was reached, as `renderTimeline` writes it; an object in states of older releases. */
  timeline: string;
  /** Declared disks that hold what is not Flint's, of an installation that has not begun to format them: see `announceDisks`. */
  foreignDisks?: ForeignDisk[];
}

/** The names of all of it. */
export const OUTPUTS: readonly (keyof NodeOutputs)[] = [
  ...(["phase", "toplevel", "bootId", "machineSerial", "installedDisk", "files", "boot", "timeline"] as const),
  ...(["power", "foreignDisks"] as const),
];

export const PHASES = [
  "registered",
  "powered-on",
  "installer-up",
  "built",
  "disk-accepted",
  "installed",
  "rebooted",
  "ready",
] as const;
export type NodePhase = (typeof PHASES)[number];
