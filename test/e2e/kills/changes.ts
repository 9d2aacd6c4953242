import type { ClusterArgs, NodeArgs } from "../../../components/cluster/args.js";

/** A change of what is declared, and what it may do to each machine's disk. */
export interface Change {
  title: string;
  /** What is declared from now on; undefined: nothing, the stack is destroyed. */
  declare: ((args: ClusterArgs) => void) | undefined;
  /** Machines whose disk is formatted, once. */
  formats: readonly string[];
  /** Machines that run their system afterwards; nobody else is registered then. */
  run: readonly string[];
  /** A new cluster of each raft service is founded, once. */
  founds?: boolean;
  /** Members of both raft services that are added to a living cluster, once. */
  joins: readonly string[];
  /** Those that are removed from it, once, each before it joins again. */
  leaves: readonly string[];
  /** Machines that are let go and whose disk is wiped for it, once. Default: none. */
  wipes?: readonly string[];
  /** Phases that a run is killed after for certain, one after the other, however few kills there are. Default: none. */
  surely?: readonly string[];
  /** How many of its phases a few kills have to be spread over: so many are passed between two of them at most. */
  stride: number;
}

/** The raft services that voters take part in. */
export const RAFT_SERVICES = ["chainfire", "flaredb"] as const;

const VOTERS = ["node01", "node02", "node03"];
/** Machines that the changes are about. */
export const MACHINES = [...VOTERS, "node04"];

function nodeOf(args: ClusterArgs, name: string): NodeArgs {
  const node = args.nodes[name];
  if (node === undefined) throw new TypeError(`no ${name}`);
  return node;
}

/** One life of a cluster, from nothing to nothing. @param number Which life of the same machines it is, from 1 on. */
export function lifeOf(number: number): Change[] {
  // Installed anew once in each life: its generation goes on growing.
  const [first, second] = [2 * number - 1, 2 * number];
  // In every other life disks are wiped when their machines are let go.
  const wiped = number % 2 === 1;
  const wipes = (...names: string[]) => (wiped ? { wipes: names, surely: ["machine: wipe"] } : {});
  const wiping = wiped ? ", its disk wiped" : "";
  const installed =
    (voter: number, worker = first) =>
    (args: ClusterArgs) => {
      nodeOf(args, "node03").generation = voter;
      nodeOf(args, "node04").generation = worker;
      if (wiped) for (const name of ["node02", "node04"]) nodeOf(args, name).onDelete = "wipe";
    };
  const without = (name: string, rest: (args: ClusterArgs) => void) => (args: ClusterArgs) => {
    rest(args);
    delete args.nodes[name];
  };
  return [
    {
      title: "three machines from nothing",
      declare: without("node04", installed(first)),
      formats: VOTERS,
      run: VOTERS,
      founds: true,
      ...{ joins: [], leaves: [], stride: 8 },
    },
    {
      title: "a worker more",
      declare: installed(first),
      formats: ["node04"],
      run: MACHINES,
      ...{ joins: [], leaves: [], stride: 6 },
    },
    {
      title: "labels of all, and a kernel parameter of one",
      declare(args) {
        installed(first)(args);
        for (const node of Object.values(args.nodes)) node.labels = { life: `life-${number}` };
        nodeOf(args, "node02").kernelParams = ["quiet"];
      },
      formats: [],
      run: MACHINES,
      ...{ joins: [], leaves: [], stride: 1 },
    },
    {
      title: "a voter installed anew",
      declare: installed(second),
      formats: ["node03"],
      run: MACHINES,
      ...{ joins: ["node03"], leaves: ["node03"], stride: 6 },
    },
    {
      title: `a worker installed anew${wiping}`,
      declare: installed(second, second),
      formats: ["node04"],
      run: MACHINES,
      ...wipes("node04"),
      surely: [...(wiped ? ["machine: wipe"] : []), "machine: format"],
      ...{ joins: [], leaves: [], stride: 6 },
    },
    {
      title: `the worker taken away${wiping}`,
      declare: without("node04", installed(second, second)),
      formats: [],
      run: VOTERS,
      ...wipes("node04"),
      ...{ joins: [], leaves: [], stride: 1 },
    },
    {
      title: `nothing left${wiping}`,
      declare: undefined,
      ...wipes("node02"),
      ...{ formats: [], run: [], joins: [], leaves: [], stride: 1 },
    },
  ];
}
