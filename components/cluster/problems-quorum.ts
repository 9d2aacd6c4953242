import type { Problem } from "./problem.js";
import type { ClusterView, NodeView } from "./view.js";

/** True for profiles whose machines vote in Chainfire and FlareDB. */
export function votes(profile: NodeView["profile"]): boolean {
  return profile === "control-plane" || profile === "all-in-one";
}

/** Who forms the cluster. */
export function quorumProblems(view: ClusterView): Problem[] {
  const workers = view.nodes
    .filter((node) => node.bootstrap && node.profile === "worker")
    .map((node) => ({
      path: `${node.path}.bootstrap`,
      found: "true for a worker",
      allowed: "true for control-plane and all-in-one, which vote",
      remedy: "Set it to false, or choose another profile.",
    }));
  if (view.nodes.some((node) => node.bootstrap)) return workers;
  const voters = view.nodes.filter((node) => votes(node.profile)).map((node) => node.name);
  return [
    {
      path: "nodes",
      found: view.nodes.length === 0 ? "no machines" : "no machine with bootstrap: true",
      allowed: "at least one bootstrap machine; one or three are usual",
      remedy:
        voters.length === 0
          ? "Add control-plane machines with bootstrap: true: they form the cluster, the others join it."
          : `Set bootstrap: true on the machines that form the cluster (${voters.slice(0, 3).join(", ")}); the others join it.`,
    },
  ];
}

/** What is allowed but worth knowing. */
export function quorumWarnings(view: ClusterView): string[] {
  const voters = view.nodes.filter((node) => votes(node.profile)).map((node) => node.name);
  const count = voters.length;
  if (count === 0 || count % 2 === 1) return [];
  const quorum = count / 2 + 1;
  return [
    `nodes: ${count} voters (${voters.join(", ")}) need ${quorum} for a quorum and survive the loss of ${count - quorum}, ` +
      `as ${count - 1} would. An odd number is better: ${count + 1} survive the loss of ${count / 2}.`,
  ];
}
