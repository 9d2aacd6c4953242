import { isDeepStrictEqual } from "node:util";

// The engine's marks on the wire, from @pulumi/pulumi/runtime/rpc (not imported: it loads the whole SDK's runtime).
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** What stands, during a preview, for a value that is not known yet. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The properties of a resource, as they come from and go to the engine. */
export type Properties = Record<string, unknown>;

const isProperties = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value without the engine's marks: secrets become their plain value, unknown outputs the unknown value. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isProperties(value)) return value;
  const signature = value[signatureKey];
  if (signature === secretSignature) return plain(value.value);
  if (signature === outputSignature) return "value" in value ? plain(value.value) : unknownValue;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** `plain` for all properties, without the engine's own (`__…`). */
export function plainProperties(properties: Properties | undefined): Properties {
  const entries = Object.entries(properties ?? {}).filter(([key]) => !key.startsWith("__"));
  return Object.fromEntries(entries.map(([key, value]) => [key, plain(value)]));
}

/** The names of the properties that are secret, or hold a secret at any depth. */
export function secretNames(properties: Properties): string[] {
  return Object.keys(properties).filter((key) => holdsSecret(properties[key]));
}

function holdsSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsSecret);
  if (!isProperties(value)) return false;
  if (value[signatureKey] === secretSignature) return true;
  if (value[signatureKey] === outputSignature && value.secret === true) return true;
  return Object.values(value).some(holdsSecret);
}

/** The properties with those named marked as secrets, and without undefined ones, which the wire cannot carry. */
export function markSecrets(properties: Properties, names: Iterable<string>): Properties {
  const secret = new Set(names);
  const known = Object.entries(properties).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    known.map(([key, value]) => [key, secret.has(key) ? { [signatureKey]: secretSignature, value } : value]),
  );
}

/** True if any part of the value is not known yet. */
export function isUnknown(value: unknown): boolean {
  if (value === unknownValue) return true;
  if (Array.isArray(value)) return value.some(isUnknown);
  return isProperties(value) && Object.values(value).some(isUnknown);
}

/** Which of the named properties differ. An empty list and an absent one are the same. */
export function changedNames(olds: Properties, news: Properties, names: readonly string[]): string[] {
  const shape = (value: unknown) =>
    value === null || (Array.isArray(value) && value.length === 0) ? undefined : value;
  return names.filter((name) => !isDeepStrictEqual(shape(olds[name]), shape(news[name])));
}
