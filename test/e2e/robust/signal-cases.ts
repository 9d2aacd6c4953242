import type { ClusterArgs } from "../../../components/cluster/args.js";
import type { FaultOrder } from "../../../lab/simulated/schema.js";
import type { RackEvent } from "../rack-events.js";
import { nodeOf } from "./counts.js";
import type { Interruption, Moment } from "./interrupted-run.js";
import { OTHER } from "./other-operator.js";

const CTRL_C: Interruption = "SIGINT to the group";
const TERMINATE: Interruption = "SIGTERM to the CLI";

/** A run that is interrupted. */
export interface Cut {
  /** What is under way. */
  phase: string;
  how: Interruption;
  moment: Moment;
  /** What is wrong from now on, so that the phase does not come to its end before the signal. */
  faults?: FaultOrder;
  /** Nobody in the rack answers while it runs. */
  silent?: boolean;
}

/** One interrupted run after the other; then one to the end. */
export interface Case {
  cuts: Cut[];
  /** Default: `up`. */
  argv?: string[];
  /** What is declared from then on, beside what the cases before have declared. Default: nothing more. */
  declare?: (args: ClusterArgs) => void;
  /** Machines that are installed, each once in all. */
  installs?: string[];
  /** Machines that are declared from then on, and that no longer are. */
  adds?: string[];
  takesAway?: string[];
  /** Faults as they are while the last run comes to its end. */
  repair?: FaultOrder;
  /** Somebody else works on the cluster, and the last run takes the lock over. */
  isLocked?: boolean;
}

/** Machines that the first case brings up; the others are added later. */
const VOTERS = ["node01", "node02", "node03"];
const WORKERS = ["node05", "node06", "node07", "node08"];

const seen = (machine: string | undefined, event: string, what?: string) => (each: RackEvent) =>
  (machine === undefined || each.machine === machine) &&
  each.event === event &&
  (what === undefined || each.what?.includes(what) === true);

const isOff = (machine: string) => (each: RackEvent) => seen(machine, "power")(each) && each.state === "off";

/** The moments of an installation, as the rack tells of them. */
const PHASES = {
  "powered on": ["power", 0],
  "in its installer": ["installer-up", 0],
  "being formatted": ["format", 0],
  "receiving its system": ["format", 300],
  installed: ["installed", 0],
  "up with its system": ["system-up", 0],
} as const;

/** A worker whose installation is interrupted twice. */
function worker(name: string, ...cuts: [Interruption, keyof typeof PHASES][]): Case {
  return {
    cuts: cuts.map(([how, phase]) => {
      const [event, milliseconds] = PHASES[phase];
      return { phase: `${name} is ${phase}`, how, moment: { at: seen(name, event), milliseconds } };
    }),
    adds: [name],
    installs: [name],
  };
}

/** The same moment with both signals. */
const both = (cut: Omit<Cut, "how">): Cut[] => [
  { ...cut, how: CTRL_C },
  { ...cut, how: TERMINATE },
];

/** So slow that it does not come to the next phase while a run ends. */
const slow = (machine: string): FaultOrder => ({ machines: { [machine]: { machine: { slow: 40 } } } });
const well = (machine: string): FaultOrder => ({ machines: { [machine]: { machine: {} } } });

/** Builds stand still, more than are begun. */
const NIX_HANGS = { hangs: 100 };
const BUILDS: Moment = { runs: /\/nix build /, milliseconds: 300 };
const ASKS: Moment = { runs: /dynamic-provider|pulumi-resource-command/, milliseconds: 1500 };
const SWITCHES: Moment = { at: seen(undefined, "command", "switch") }; // whichever machine comes first

export const CASES: Case[] = [
  {
    cuts: [
      ...both({ phase: "the provisioning host is silent", moment: ASKS, silent: true }),
      {
        phase: "the provisioning host is prepared",
        ...{ how: CTRL_C, moment: { at: seen("pxe1", "command", "flint-sim-") } },
        faults: { nix: NIX_HANGS },
      },
      { phase: "an image is built", how: TERMINATE, moment: BUILDS },
      {
        phase: "an image is uploaded",
        ...{ how: CTRL_C, moment: { at: seen("pxe1", "command", "/http/images/") } },
        // One of its services comes up when the last run needs it.
        faults: { nix: { hangs: 0 }, machines: { node03: { machine: { services: { crashLoop: ["iam"] } } } } },
      },
      { phase: "three machines form a cluster", how: CTRL_C, moment: { at: ({ event }) => event === "elected" } },
      ...both({ phase: "the cluster is not healthy yet", moment: { prints: /iam( on node03)? answers/ } }),
    ],
    adds: VOTERS,
    installs: VOTERS,
    repair: well("node03"),
  },
  {
    cuts: [
      { phase: "systems are built", how: CTRL_C, moment: BUILDS, faults: { nix: NIX_HANGS } },
      { phase: "systems are switched", how: CTRL_C, moment: SWITCHES, faults: { nix: { hangs: 0 } } },
      { phase: "systems are switched", how: TERMINATE, moment: SWITCHES },
    ],
    declare(args) {
      for (const [name, node] of Object.entries(args.nodes)) if (VOTERS.includes(name)) node.labels = { rack: "b1" };
    },
  },
  {
    cuts: [
      {
        phase: "a voter joins",
        ...{ how: TERMINATE, moment: { at: ({ event, id }) => event === "member-added" && id === "node04" } },
      },
    ],
    declare(args) {
      nodeOf(args, "node04").profile = "control-plane";
      for (const name of WORKERS) nodeOf(args, name).onDelete = "wipe";
    },
    adds: ["node04"],
    installs: ["node04"],
  },
  worker("node05", [CTRL_C, "powered on"], [TERMINATE, "receiving its system"]),
  worker("node06", [TERMINATE, "in its installer"], [CTRL_C, "being formatted"]),
  worker("node07", [CTRL_C, "installed"], [TERMINATE, "up with its system"]),
  worker("node08", [TERMINATE, "powered on"], [TERMINATE, "installed"]),
  {
    cuts: [
      {
        phase: "a machine restarts for an update",
        ...{ how: CTRL_C, moment: { at: seen("node05", "command", "systemctl reboot") } },
        faults: { machines: { node05: { machine: { systemHangs: true } } } },
      },
      { phase: "a machine that restarted is waited for", how: TERMINATE, moment: { prints: /starting from disk/ } },
    ],
    declare(args) {
      nodeOf(args, "node05").kernelParams = ["quiet"];
    },
    repair: { machines: { node05: { machine: {}, powerCycle: true } } },
  },
  {
    cuts: both({
      phase: "somebody else works on the cluster",
      moment: { prints: new RegExp(`waiting for ${OTHER.who}`) },
    }),
    declare(args) {
      nodeOf(args, "node06").labels = { rack: "b1" };
    },
    isLocked: true,
  },
  {
    cuts: [
      {
        phase: "a disk is wiped",
        ...{ how: CTRL_C, moment: { at: seen("pxe1", "command", "nodes/node06/record.json") } },
        faults: slow("node06"),
      },
      {
        phase: "a wiped machine is switched off",
        ...{ how: TERMINATE, moment: { at: isOff("node06") } },
        faults: well("node06"),
      },
    ],
    takesAway: ["node06"],
  },
  {
    argv: ["preview"],
    cuts: both({ phase: "a preview asks the cluster", moment: ASKS, silent: true }),
    declare(args) {
      nodeOf(args, "node03").generation = 2;
    },
  },
  {
    cuts: [
      {
        phase: "a voter leaves to be installed anew",
        ...{ how: CTRL_C, moment: { at: ({ event, id }) => event === "member-removed" && id === "node03" } },
        faults: slow("node03"),
      },
      {
        phase: "a machine is let go to be installed anew",
        ...{ how: TERMINATE, moment: { at: isOff("node03") } },
        faults: well("node03"),
      },
    ],
    installs: ["node03"],
  },
  {
    argv: ["refresh", "--yes", "--skip-preview"],
    cuts: both({ phase: "a refresh asks the machines", moment: ASKS, silent: true }),
  },
  {
    argv: ["destroy", "--yes", "--skip-preview"],
    cuts: [
      {
        phase: "machines are switched off",
        ...{ how: CTRL_C, moment: { at: isOff("node05") } },
        faults: slow("node01"),
      },
      // Whoever comes to the lock has the rest of it before him: a machine that is slow is not off yet.
      { phase: "a destroy goes on", how: TERMINATE, moment: { at: seen("pxe1", "lock", "taken") } },
    ],
    takesAway: [...VOTERS, "node04", "node05", "node07", "node08"],
    repair: well("node01"),
  },
];
