import type { ReadFaultOrder } from "./schema.js";

/** Of `diskSwappedWith`: the machine after this one. */
const NEXT = "next";

/** Refuses a fault order that names machines which a rack of these does not have. @throws Error with each place and name. */
export function refuseStrangers({ machines, at }: ReadFaultOrder, names: readonly string[]): void {
  const named = Object.entries(machines).flatMap(([name, { machine }]) => [
    { place: "machines", name },
    { place: `machines.${name}.machine.diskSwappedWith`, name: machine?.diskSwappedWith ?? NEXT },
  ]);
  if (at !== undefined) named.push({ place: "at.machine", name: at.machine });
  const unknown = named.filter(({ name }) => name !== NEXT && !names.includes(name));
  if (unknown.length === 0) return;
  const told = unknown.map(({ place, name }) => `${place}: there is no machine ${name}`);
  throw new Error(`${told.join("; ")}; there are ${[names[0], names.at(-1)].join(" to ")}`);
}
