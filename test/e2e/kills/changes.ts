import type { ClusterArgs, NodeArgs } from "../../../components/cluster/args.js";

/** A change of what is declared, and what it may do to each machine's disk. */
export interface Change {
  title: string;
  /** What is declared from now on; undefined: nothing, the stack is destroyed. */
  declare: ((args: ClusterArgs) => void) | undefined;
  /** Machines whose disk is formatted, once. */
  formats: readonly string[];
  /** Machines that run their system afterwards. */
  run: readonly string[];
}

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
  const installed = (generation: number) => (args: ClusterArgs) => {
    nodeOf(args, "node03").generation = generation;
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
    },
    { title: "a worker more", declare: installed(first), formats: ["node04"], run: MACHINES },
    {
      title: "labels of all, and a kernel parameter of one",
      declare(args) {
        installed(first)(args);
        for (const node of Object.values(args.nodes)) node.labels = { life: `life-${number}` };
        nodeOf(args, "node02").kernelParams = ["quiet"];
      },
      formats: [],
      run: MACHINES,
    },
    { title: "a voter installed anew", declare: installed(second), formats: ["node03"], run: MACHINES },
    { title: "the worker taken away", declare: without("node04", installed(second)), formats: [], run: VOTERS },
    { title: "nothing left", declare: undefined, formats: [], run: [] },
  ];
}
