import type * as pulumi from "@pulumi/pulumi";

/** A value of which any part may be an output of another resource. */
export type DeepInput<T> = pulumi.Input<
  T extends (infer E)[] ? DeepInput<E>[] : T extends object ? { [K in keyof T]: DeepInput<T[K]> } : T
>;

/** The arguments of a resource: its inputs without what the base class fills in. */
export type ResourceArgs<I> = { [K in Exclude<keyof I, "self">]: DeepInput<I[K]> };
