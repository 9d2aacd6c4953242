import type { Problem } from "./problem.js";
import { identityProblems } from "./problems-identity.js";
import { machineProblems } from "./problems-machine.js";
import { networkProblems } from "./problems-network.js";
import { quorumProblems, quorumWarnings } from "./problems-quorum.js";
import { structureProblems } from "./problems-structure.js";
import { type Cluster, clusterSchema } from "./schema.js";
import { viewOf } from "./view.js";

/** What was read of a configuration. `cluster` is there when it is sound in itself; files and variables come later. */
export interface Reading {
  cluster?: Cluster;
  problems: Problem[];
  warnings: string[];
}

/** Reads a configuration and finds every problem in it at once. Pure. */
export function readCluster(raw: unknown): Reading {
  const parsed = clusterSchema.safeParse(raw);
  const view = viewOf(raw);
  const structure = parsed.success ? [] : structureProblems(raw, parsed.error.issues);
  const problems = [
    ...structure,
    ...machineProblems(view),
    ...networkProblems(view),
    ...identityProblems(view),
    // No machines, where what holds them is no table, is one mistake.
    ...quorumProblems(view).filter(({ path }) => !structure.some((each) => each.path === path)),
  ];
  const sound = parsed.success && problems.length === 0;
  return { cluster: sound ? parsed.data : undefined, problems, warnings: quorumWarnings(view) };
}
