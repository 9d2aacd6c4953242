import type { ClusterArgs } from "../../../components/cluster/args.js";
import type { FaultOrder } from "../../../lab/simulated/schema.js";
import type { Injection, Sign } from "./faulty-run.js";

type MachineOrder = NonNullable<FaultOrder["machines"]>[string];
type MachineFault = NonNullable<MachineOrder["machine"]>;
type BmcFault = NonNullable<MachineOrder["bmc"]>;

/** One `pulumi up` during which things go wrong. */
export interface Run {
  injections: readonly Injection[];
  /** What changes in the declaration from this run on. Default: nothing. */
  declare?: (args: ClusterArgs) => void;
  /** Resource → the one error that a user reads about it. Every other machine runs its system afterwards. Default: none, exit code 0. */
  errors?: Readonly<Record<string, string>>;
  /** What else the output says. */
  says?: readonly string[];
}

/** One rack and what happens to it; after its runs all faults are gone, and a plain `up` must do the rest. */
export interface Scenario {
  title: string;
  machines: number;
  runs: readonly Run[];
  /** Machines whose installation was interrupted while it wrote: their disks are formatted twice. */
  twice?: readonly string[];
  /** Those that a person restarts when the fault is mended, as the error asks for. */
  restarted?: readonly string[];
}

export const machine = (name: string, faults: MachineFault, at?: Sign): Injection => ({
  at,
  order: { machines: { [name]: { machine: faults } } },
});
export const bmc = (name: string, faults: BmcFault): Injection => ({
  order: { machines: { [name]: { bmc: faults } } },
});
export const when = (name: string, event: string, what?: string): Sign => ({
  machine: name,
  event,
  ...(what === undefined ? {} : { what }),
});
export const host = (faults: FaultOrder["host"], at: Sign): Injection => ({ at, order: { host: faults } });
export const each = (names: readonly string[], text: (name: string) => string): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, text(name)]));

/** How a user reads that no installer came. */
export const noInstaller = (n: number, found: string, remedy: string) =>
  `node0${n}, start of the installer: expected the installer of node0${n} to answer ssh at 10.77.1.${n + 1} within 20 s but found ${found}. ${remedy} [BOOT_TIMEOUT]`;
