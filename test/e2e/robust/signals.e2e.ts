// limit: 400 s
import assert from "node:assert/strict";
import type { ClusterArgs } from "../../../components/cluster/args.js";
import { LaunchedRack } from "../../../lab/simulated/launch.js";
import { SimulatedProject } from "../../../lab/simulated/project.js";
import type { RackEvent } from "../rack-events.js";
import { nodeOf, workOn } from "./counts.js";
import { type Interruption, type Moment, runAndInterrupt } from "./interrupted-run.js";

/** Ctrl-C ends within this time, whatever is under way. */
const SECONDS = 5;
const CTRL_C: Interruption = "SIGINT to the group";
const TERMINATE: Interruption = "SIGTERM to the CLI";
const VOTERS = ["node01", "node02", "node03"];
const JOINS = "node04";

interface Cut {
  how: Interruption;
  moment: Moment;
}

interface Case {
  title: string;
  /** One interrupted run after the other; then one to the end. */
  cuts: Cut[];
  /** What is declared from then on, beside what the cases before have declared. */
  declare: (args: ClusterArgs) => void;
  /** Machines that are added, each to be installed once in all. */
  adds: string[];
}

const seen = (machine: string | undefined, event: string, what?: string) => (each: RackEvent) =>
  (machine === undefined || each.machine === machine) &&
  each.event === event &&
  (what === undefined || each.what?.includes(what) === true);

/** The moments of an installation, as the rack tells of them. */
const PHASES = {
  "powered on": ["power", 0],
  "in its installer": ["installer-up", 0],
  "being formatted": ["format", 0],
  "receiving its system": ["format", 300],
  installed: ["installed", 0],
  "up with its system": ["system-up", 0],
} as const;

/** Names of the machines that are declared so far. */
const wanted = new Set(VOTERS);

/** A worker whose installation is interrupted twice. */
function worker(name: string, ...cuts: [Interruption, keyof typeof PHASES][]): Case {
  return {
    title: `${name} is ${cuts.map(([how, phase]) => `${phase} (${how})`).join(", then ")}`,
    cuts: cuts.map(([how, phase]) => {
      const [event, milliseconds] = PHASES[phase];
      return { how, moment: { at: seen(name, event), milliseconds } };
    }),
    declare: () => void wanted.add(name),
    adds: [name],
  };
}

const CASES: Case[] = [
  {
    title: `three machines form a cluster (${CTRL_C})`,
    cuts: [{ how: CTRL_C, moment: { at: ({ event }) => event === "elected" } }],
    declare: () => {},
    adds: VOTERS,
  },
  {
    title: `systems are switched (${CTRL_C}, then ${TERMINATE})`,
    cuts: [
      // Whichever of them comes first.
      { how: CTRL_C, moment: { at: seen(undefined, "command", "switch") } },
      { how: TERMINATE, moment: { at: seen(undefined, "command", "switch") } },
    ],
    declare(args) {
      for (const [name, node] of Object.entries(args.nodes)) if (VOTERS.includes(name)) node.labels = { rack: "b1" };
    },
    adds: [],
  },
  {
    title: `a voter joins (${TERMINATE})`,
    cuts: [{ how: TERMINATE, moment: { at: ({ event, id }) => event === "member-added" && id === JOINS } }],
    declare(args) {
      wanted.add(JOINS);
      nodeOf(args, JOINS).profile = "control-plane";
    },
    adds: [JOINS],
  },
  worker("node05", [CTRL_C, "powered on"], [TERMINATE, "receiving its system"]),
  worker("node06", [TERMINATE, "in its installer"], [CTRL_C, "being formatted"]),
  worker("node07", [CTRL_C, "installed"], [TERMINATE, "up with its system"]),
  worker("node08", [TERMINATE, "powered on"], [TERMINATE, "installed"]),
];

describe("a run is interrupted, ends at once, and the next one goes on", () => {
  let rack: LaunchedRack;
  let project: SimulatedProject;
  const declared: Case["declare"][] = [];

  before(async function () {
    this.timeout(60_000);
    rack = await LaunchedRack.start({ machines: 8, seed: "signals", speed: 40 });
    project = await SimulatedProject.make(rack);
  });
  after(async () => {
    await rack?.stop();
    project?.remove();
  });

  for (const { title, cuts, declare, adds } of CASES) {
    it(`while ${title}`, async function () {
      this.timeout(150_000);
      declared.push(declare);
      project.declare(
        rack.cluster((args) => {
          for (const each of declared) each(args);
          for (const name of Object.keys(args.nodes)) if (!wanted.has(name)) delete args.nodes[name];
        }),
      );
      const before = await rack.status();
      const outputs: string[] = [];
      for (const { how, moment } of cuts) {
        const cut = await runAndInterrupt(rack, project, ["up", "--yes", "--skip-preview"], how, moment);
        outputs.push(`--- ${how}, ended with ${cut.exitCode} after ${cut.seconds.toFixed(1)} s:`, cut.output);
        const told = outputs.join("\n");
        assert.ok(cut.interrupted, `ended before the signal:\n${told}`);
        assert.notEqual(cut.exitCode, 0, told);
        assert.ok(cut.seconds <= SECONDS, told);
        assert.deepEqual(cut.orphans, [], told);
      }
      const next = await project.start(["up", "--yes", "--skip-preview"], 120);
      assert.equal(next.exitCode, 0, `${outputs.join("\n")}\n--- and then:\n${next.all}`);
      const after = await rack.status();
      assert.deepEqual(after.violations, []);
      for (const name of wanted) {
        const once = adds.includes(name) ? 1 : 0;
        assert.deepEqual(workOn(before, after, name), { formatted: once, installed: once }, name);
        assert.equal(after.machines[name]?.runs, "system", name);
      }
    });
  }
});
