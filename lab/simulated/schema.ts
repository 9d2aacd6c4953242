import { z } from "zod";
import { type Faults as BmcFaults, faultsSchema } from "../redfish/faults.js";
import { namesOf } from "./addresses.js";
import { type ChancesOptions, chancesSchema } from "./chances/schema.js";
import { type HostFaults, hostFaultsSchema } from "./host/faults.js";
import { type MachineFaults, machineFaultsSchema } from "./machine/faults.js";
import { COMING, type Moment } from "./moments.js";
import { type NixFaults, nixFaultsSchema } from "./tools/faults.js";

/** A simulated rack, as it is wanted. */
export interface SimulationOptions {
  /** How many machines, 1 to 1000. node01 to node03 vote, the others are workers. */
  machines: number;
  /** What the random numbers follow from. Default "1". */
  seed?: string;
  /** How many simulated seconds pass in one real second. Default 20. */
  speed?: number;
  /** Cluster whose provisioning host this is: lower case, digits, hyphens. Default "sim". */
  cluster?: string;
  /** Machine → file system that somebody else left on its disk. Default: all disks are blank. */
  foreign?: Record<string, string>;
  /** Machines that have a second disk, blank, with the serial number of the first and `-DATA`. Default: none. */
  dataDisks?: string[];
  /** Faults by probability. Default: none. */
  chances?: ChancesOptions;
}

/** The same, with all defaults, as the rack's process is told of it. */
export const simulationSchema = z
  .strictObject({
    machines: z.int().min(1).max(1000),
    seed: z.string().default("1"),
    speed: z.number().positive().default(20),
    cluster: z
      .string()
      .regex(/^[a-z]([a-z0-9-]*[a-z0-9])?$/)
      .default("sim"),
    foreign: z.record(z.string(), z.string()).default({}),
    dataDisks: z.array(z.string()).default([]),
    chances: chancesSchema.prefault({}),
  })
  .superRefine(({ machines, foreign, dataDisks }, refusals) => {
    const names = namesOf(machines);
    for (const [place, named] of Object.entries({ foreign: Object.keys(foreign), dataDisks }))
      for (const name of named.filter((each) => !names.includes(each)))
        refusals.addIssue({ code: "custom", path: [place], message: `there is no machine ${name}` });
  }) satisfies z.ZodType<unknown, SimulationOptions>;
export type Simulation = z.infer<typeof simulationSchema>;

/** What goes wrong with one machine. */
export interface MachineOrder {
  /** Replaces what was wrong with it; `{}`: it is whole. */
  machine?: MachineFaults;
  /** Replaces what was wrong with its BMC. */
  bmc?: BmcFaults;
  /** Not now: in addition to what is there, when the machine comes to this moment next. */
  at?: Moment;
  /** Somebody at the machine switches it off and on again. */
  powerCycle?: boolean;
  /** Whose disk it is gives up what is on it now: it may be formatted. */
  released?: boolean;
}

/** Faults by machine; and those of nix and of the provisioning host. What is given replaces what was there. */
export interface FaultOrder {
  /** By name of the machine. */
  machines?: Record<string, MachineOrder>;
  nix?: NixFaults;
  host?: HostFaults;
  /** Those of nix and of the provisioning host not now, but when this machine comes to the moment next. */
  at?: { machine: string; moment: Moment };
  /** Faults by probability, drawn anew. */
  chances?: ChancesOptions;
}

const moment = z.enum(COMING);

export const faultOrderSchema = z.strictObject({
  machines: z
    .record(
      z.string(),
      z.strictObject({
        machine: machineFaultsSchema.optional(),
        bmc: faultsSchema.optional(),
        at: moment.optional(),
        powerCycle: z.boolean().optional(),
        released: z.boolean().optional(),
      }),
    )
    .default({}),
  nix: nixFaultsSchema.optional(),
  host: hostFaultsSchema.optional(),
  at: z.strictObject({ machine: z.string(), moment }).optional(),
  chances: chancesSchema.optional(),
}) satisfies z.ZodType<unknown, FaultOrder>;
export type ReadFaultOrder = z.output<typeof faultOrderSchema>;

/** What is counted for each machine. */
export interface Counts {
  /** The power went on or off: by the BMC, by a magic packet, by a person. */
  powerCalls: number;
  boots: number;
  /** How often a disk was formatted, by its serial number. */
  wipes: Record<string, number>;
  /** Installations that came to their end, by the mark of each. */
  installs: Record<string, number>;
  /** Commands over ssh that change something. */
  changes: number;
}

/** What a machine does now. */
export interface MachineStatus {
  /** "On" or "Off". */
  power: string;
  /** "installer", "system", "other" (somebody else's system); null: nothing. */
  runs: string | null;
  bootId: string | null;
  /** Store path of the system on its disk. */
  toplevel: string | null;
  /** Mark of the installation on its disk. */
  mark: string | null;
  /** What its BMC has the firmware boot from instead of the disk: `Once, Pxe`, `Continuous, Pxe`; null: nothing. */
  bootOverride: string | null;
}

/** What the rack tells of itself. */
export interface Status {
  /** What must never happen, and did: `node01: …`. Empty in a good run. */
  violations: string[];
  /** Most at once since the rack was made. */
  peaks: {
    installs: number;
    /** Requests to the BMC that had most. */
    bmcRequests: number;
    /** Commands over ssh on the provisioning host. */
    hostCommands: number;
  };
  /** By machine, and for the provisioning host; who is missing did nothing. */
  counts: Record<string, Counts>;
  /** Files of the cluster on its provisioning host: path below its directory → phase of a record, kind of a boot script. */
  files: Record<string, string>;
  machines: Record<string, MachineStatus>;
}

export const statusSchema: z.ZodType<Status> = z.object({
  violations: z.array(z.string()),
  peaks: z.object({ installs: z.number(), bmcRequests: z.number(), hostCommands: z.number() }),
  counts: z.record(
    z.string(),
    z.object({
      powerCalls: z.number(),
      boots: z.number(),
      wipes: z.record(z.string(), z.number()),
      installs: z.record(z.string(), z.number()),
      changes: z.number(),
    }),
  ),
  files: z.record(z.string(), z.string()),
  machines: z.record(
    z.string(),
    z.object({
      power: z.string(),
      runs: z.string().nullable(),
      bootId: z.string().nullable(),
      toplevel: z.string().nullable(),
      mark: z.string().nullable(),
      bootOverride: z.string().nullable(),
    }),
  ),
});

/** Something that happened in the rack: a line of events.jsonl. Its details are beside these. */
export interface RackEvent {
  /** Simulated milliseconds since the rack was started. */
  t: number;
  /** `power`, `boot`, `format`, `installed`, `bmc-request`, `faults`, `drawn`, `violation`, … */
  event: string;
  /** Name of a machine; `pxe1`: the provisioning host; `operator`: where Pulumi runs; `cluster`: the services. */
  machine: string;
  [detail: string]: unknown;
}

export const rackEventSchema: z.ZodType<RackEvent> = z.looseObject({
  t: z.number(),
  event: z.string(),
  machine: z.string(),
});

/** A file that is somewhere in the rack. */
export interface StoredFile {
  /** Name of a machine, `pxe1`, or what of them has it. */
  where: string;
  path: string;
  mode: number;
  /** A character for each byte. */
  text: string;
}

export const storedFileSchema: z.ZodType<StoredFile> = z.object({
  where: z.string(),
  path: z.string(),
  mode: z.number(),
  text: z.string(),
});
