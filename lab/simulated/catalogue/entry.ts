import type { MOMENTS, MomentOf } from "../moments.js";

/** When a fault can begin so that it makes a difference, and what it is set to then. */
export type Entry<V> = {
  /** From mild to hard. */
  readonly values: readonly [V, ...V[]];
} & { readonly [C in keyof typeof MOMENTS]?: readonly [MomentOf<C>, ...MomentOf<C>[]] };

/** Every fault of a schema: one that is missing here does not compile. */
export type Catalogue<Faults> = { readonly [Name in keyof Faults]-?: Entry<Exclude<Faults[Name], undefined>> };

/** A time that is longer than everybody's patience, in simulated milliseconds. */
export const FOR_EVER = 1_000_000_000;
/** More often than anybody tries. */
export const ALWAYS = 1_000_000;
