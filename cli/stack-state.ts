import { z } from "zod";
import { type Patient, patientSchema } from "../providers/bare-metal-node/doctor/examine.js";
import { SHARED } from "../providers/runtime/shared.js";
import { readSpec } from "../providers/runtime/spec-text.js";

/** Marks a secret in an exported state, which holds its plain text as JSON (pulumi sdk/go/common/resource/properties.go). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

const resource = z.looseObject({
  type: z.string(),
  urn: z.string(),
  provider: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});
const exported = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(resource).default([]),
    /** What was being done when a run was killed. */
    pending_operations: z.array(z.looseObject({ resource })).nullish(),
  }),
});

const NODE = "pulumi-nodejs:dynamic/flint:BareMetalNode";
const PROVIDER = "pulumi:providers:pulumi-nodejs";

/** How a machine is named where several clusters of a stack have one of its name. */
export const fullName = ({ cluster, name }: Patient): string => `${cluster}/${name}`;

/**
 * The machines of one stack, as `pulumi stack export --show-secrets` tells them, with all that is needed to reach them: by name,
 * and those whose name is not theirs alone by their full one.
 */
export function machinesOf(state: unknown): Map<string, Patient> {
  const { deployment } = exported.parse(state);
  const pending = (deployment.pending_operations ?? []).map((operation) => operation.resource);
  const all = [...pending, ...deployment.resources];
  const machines = new Map<string, Patient>();
  for (const { type, inputs, outputs, provider } of all) {
    if (type !== NODE || inputs === undefined) continue;
    const patient = patientSchema.safeParse({
      ...sharedBy(provider, all),
      ...readSpec(propertiesOf(inputs)),
      phase: readSpec(propertiesOf(outputs ?? {})).phase,
    });
    if (patient.success) machines.set(fullName(patient.data), patient.data);
  }
  const names = Map.groupBy(machines.values(), ({ name }) => name);
  return new Map(
    [...machines].map(([full, patient]) => [names.get(patient.name)?.length === 1 ? patient.name : full, patient]),
  );
}

const propertiesOf = (stored: Record<string, unknown>) => z.record(z.string(), z.unknown()).parse(plain(stored));

/** What the provider that a resource names holds for all of its resources. */
function sharedBy(provider: string | undefined, all: readonly z.infer<typeof resource>[]): Record<string, unknown> {
  // A reference is the provider's URN, `::` and its id.
  const named = all.find(({ type, urn }) => type === PROVIDER && provider?.startsWith(`${urn}::`));
  const text = plain(named?.inputs?.[SHARED]);
  if (typeof text !== "string") return {};
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}

/** A value with its secrets as they are. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (entries.some(([key, sign]) => key === SIGNATURE && sign === SECRET)) {
    const text = z.object({ plaintext: z.string() }).parse(value).plaintext;
    return plain(JSON.parse(text));
  }
  return Object.fromEntries(entries.map(([key, each]) => [key, plain(each)]));
}
