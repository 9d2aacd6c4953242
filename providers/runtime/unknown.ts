/**
 * What the engine sends in place of a value that is not known yet (preview, or a dependency about to be replaced).
 * The same text as `runtime.unknownValue` of `@pulumi/pulumi`, which the provider side does not load.
 */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** True when the value is unknown or holds an unknown value at any depth. */
export function holdsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(holdsUnknown);
}
