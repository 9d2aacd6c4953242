import { GONE, namesGone } from "../gone.js";
import { isInState } from "../membership/in-state.js";
import { previewLeave } from "../membership/preview.js";
import type { Properties } from "../runtime/lifecycle.js";
import { tell } from "../runtime/progress.js";
import { withShared } from "../runtime/shared.js";
import { endpointsOf } from "./look.js";
import { type HealthInputs, inputsSchema } from "./schema.js";

type Nodes = HealthInputs["nodes"];

/** Inputs that the provider has, and a resource may leave out. */
export const SHARED = ["clientCert", "clientKey"] as const;

/** By resource: nodes that this engine run takes out, as its check has seen. */
const leaving = new Map<string, Nodes>();

export function noteLeaving(self: string, nodes: Nodes): void {
  leaving.set(self, nodes);
}

export function leavingOf(self: string): Nodes {
  return leaving.get(self) ?? {};
}

/** By resource: nodes that this engine run declares and the last check did not, as its check has seen. */
const added = new Map<string, string[]>();

export function noteAdded(self: string, nodes: Nodes): void {
  added.set(self, Object.keys(nodes));
}

/**
 * Nodes that are no news to the state, although the last check was made without them: an earlier run had begun to take them out, or
 * was killed when it had just made them. What it has done to their members and machines no other resource looks at.
 */
export function takenBackOf(self: string, cluster: string): string[] {
  return (added.get(self) ?? []).filter((name) => isInState(cluster, name));
}

export function without(before: Nodes, after: Nodes): Nodes {
  return Object.fromEntries(Object.entries(before).filter(([name]) => !(name in after)));
}

/** @param before Nodes of the last check's outputs. What this run's check has seen was declared later, so that counts. */
export function goneOf(self: string, before: Nodes, after: Nodes): Nodes {
  return { ...without(before, after), ...leavingOf(self) };
}

/**
 * What the removal of nodes does to the machines and to the quorum, on this resource's line: the engine asks nothing of a
 * resource that it will delete.
 */
export async function announceLeaving(news: Properties, gone: Nodes): Promise<void> {
  const want = inputsSchema.safeParse(withShared(SHARED, news));
  if (!want.success) return;
  const { self } = want.data;
  const known = { ...want.data.nodes, ...gone };
  const strangers = tellStrangers(want.data.cluster, Object.keys(known), namesGone());
  if (strangers !== undefined) tell(self, strangers, "warn");
  for (const [name, node] of Object.entries(gone)) tell(self, tellMachine(name, node.onDelete, namesGone()));
  const voters = Object.keys(gone).filter((name) => gone[name]?.voter);
  if (voters.length === 0) return;
  const services = ["chainfire", "flaredb"] as const;
  const told = await Promise.all(
    services.map((service) => previewLeave(endpointsOf({ ...want.data, nodes: known }, service), voters)),
  );
  for (const text of told) if (text !== undefined) tell(self, text);
}

/** What becomes of a machine that is taken out. */
export function tellMachine(
  name: string,
  onDelete: Nodes[string]["onDelete"],
  declaredGone: readonly string[] = [],
): string {
  if (declaredGone.includes(name)) return `${name} is taken as gone: the machine is not touched`;
  // A state of an older release does not tell here; the machine's own does.
  if (onDelete === undefined) return `the machine ${name} is let go as its onDelete said`;
  const fate = {
    "power-off": "is shut down and switched off; its disk is left as it is",
    wipe: "has its disk wiped, and is switched off",
    leave: "is left running as it is",
  };
  return `the machine ${name} ${fate[onDelete]}`;
}

/** Whoever mistypes a name would wait for a machine that is no more. */
export function tellStrangers(cluster: string, known: readonly string[], named: readonly string[]): string | undefined {
  const strangers = named.filter((name) => !known.includes(name));
  if (strangers.length === 0) return undefined;
  const who = strangers.join(", ");
  return `${GONE} names ${who}: neither declared in ${cluster} nor taken out by this change (${[...known].sort().join(", ")}). It counts only if ${who} was taken out before and is still being let go.`;
}
