import { z } from "zod";
import { parseTimeline } from "../../../providers/bare-metal-node/timeline.js";
import { FOUND, SPEC, specOf } from "../../../providers/runtime/spec-text.js";

const properties = z.record(z.string(), z.unknown());
type Properties = z.infer<typeof properties>;

const resourceSchema = z.looseObject({
  urn: z.string(),
  type: z.string(),
  inputs: properties.optional(),
  outputs: properties.optional(),
  dependencies: z.array(z.string()).optional(),
  propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).optional(),
});
export type StateResource = z.infer<typeof resourceSchema>;

/** What `pulumi stack export` writes, as far as schemas differ in it. Secrets stay as they are, encrypted or not. */
export const stateSchema = z.looseObject({
  deployment: z.looseObject({ resources: z.array(resourceSchema) }),
});
export type State = z.infer<typeof stateSchema>;

/** The kept states of earlier schemas (`test/fixtures/states`) without their extension, newest first. */
export const OLDER = [
  "2026-11-text-of-what-was-found",
  "2026-11-spec-text",
  "2026-11-kept-keys",
  "2026-11-before-kept-keys",
] as const;
export type Older = (typeof OLDER)[number];

/** A state of this release as an earlier schema would have written it. The older the schema, the more of this is undone. */
export function downgrade(state: State, to: Older): State {
  const undone = OLDER.slice(0, OLDER.indexOf(to) + 1);
  return undone.reduce((newer, each) => STEPS[each](newer), state);
}

export const kindOf = ({ type }: StateResource) => /dynamic\/flint:(\w+)$/.exec(type)?.[1];
export const nameOf = (urn: string) => urn.split("::").at(-1) ?? urn;

/** What each schema did not have yet of what came next. */
const STEPS: Record<Older, (state: State) => State> = {
  "2026-11-text-of-what-was-found": (state) => eachFlint(state, withoutLaterOutputs),
  "2026-11-spec-text": (state) => eachFlint(state, withFoundApart),
  "2026-11-kept-keys": (state) => withComponentOutputs(eachFlint(state, (each) => withValuesApart(each, state))),
  "2026-11-before-kept-keys": withoutKeys,
};

type Step = (resource: StateResource) => StateResource;

function eachFlint(state: State, step: Step): State {
  return withResources(state, (all) => all.map((each) => (kindOf(each) === undefined ? each : step(each))));
}

function withResources(state: State, change: (all: StateResource[]) => StateResource[]): State {
  return { ...state, deployment: { ...state.deployment, resources: change(state.deployment.resources) } };
}

/** Outputs that came without another shape of the state: they are optional ever since. */
const LATER: Record<string, readonly string[]> = {
  BareMetalNode: ["boot", "foreignDisks"],
  ClusterHealth: ["report"],
  PxeServer: ["candidates"],
};

function withoutLaterOutputs(resource: StateResource): StateResource {
  const later = LATER[kindOf(resource) ?? ""] ?? [];
  const { [FOUND]: found, ...outputs } = omit(resource.outputs ?? {}, later);
  const text = typeof found === "string" ? { [FOUND]: JSON.stringify(omit(specOf(found), later)) } : {};
  return { ...resource, outputs: { ...outputs, ...text } };
}

/** The URN, and what was found out of a machine, stood beside the text. */
function withFoundApart(resource: StateResource): StateResource {
  const apart = (values: Properties = {}): Properties => {
    const { [SPEC]: text, [FOUND]: found, ...rest } = values;
    if (typeof text !== "string") return values;
    const { self, ...spec } = specOf(text);
    const seen = typeof found === "string" ? specOf(found) : {};
    return { ...rest, ...seen, self, [SPEC]: JSON.stringify(spec) };
  };
  const { inputs, outputs, propertyDependencies } = resource;
  const dependencies: Record<string, string[]> =
    propertyDependencies !== undefined && SPEC in propertyDependencies ? { self: [] } : {};
  return {
    ...resource,
    inputs: apart(inputs),
    outputs: apart(outputs),
    propertyDependencies: { ...propertyDependencies, ...dependencies },
  };
}

/**
 * Each value by itself. The login key was among the machine's data where that was declared, not where the provider knows it;
 * a timeline was an object. An image's build had no deadline.
 */
function withValuesApart(resource: StateResource, state: State): StateResource {
  const { inputs = {}, outputs = {}, dependencies = [] } = resource;
  const kind = kindOf(resource);
  if (kind === "NetbootImage") {
    const { deadlines: _, ...propertyDependencies } = resource.propertyDependencies ?? {};
    const without = { inputs: omit(inputs, ["deadlines"]), outputs: omit(outputs, ["deadlines"]) };
    return { ...resource, ...without, propertyDependencies };
  }
  if (typeof inputs[SPEC] !== "string") return resource;
  const { [SPEC]: _, ...propertyDependencies } = resource.propertyDependencies ?? {};
  const names = Object.keys(specOf(inputs[SPEC]));
  const apart = {
    ...resource,
    inputs: valuesApart(inputs),
    outputs: valuesApart(outputs),
    propertyDependencies: { ...propertyDependencies, ...Object.fromEntries(names.map((name) => [name, []])) },
  };
  if (kind !== "BareMetalNode") return apart;
  const login = only(state, (each) => nameOf(each.urn).endsWith("login-key"));
  const keys = only(state, (each) => kindOf(each) === "ClusterKeys");
  const data = z.looseObject({ sshAuthorizedKeys: z.array(z.string()) }).parse(apart.inputs.data);
  const line = z.string().parse(login.outputs?.publicKeyOpenssh).trim();
  const { timeline } = apart.outputs;
  return {
    ...apart,
    inputs: { ...apart.inputs, data: { ...data, sshAuthorizedKeys: [line, ...data.sshAuthorizedKeys] } },
    outputs: { ...apart.outputs, ...(typeof timeline === "string" ? { timeline: parseTimeline(timeline) } : {}) },
    dependencies: [...new Set([...dependencies, keys.urn, login.urn])],
    propertyDependencies: { ...apart.propertyDependencies, data: [keys.urn, login.urn] },
  };
}

function valuesApart(values: Properties): Properties {
  const { [SPEC]: text, ...rest } = values;
  return typeof text === "string" ? { ...specOf(text), ...rest } : rest;
}

/** A cluster's outputs named its members, too, as those of the whole stack do. */
function withComponentOutputs(state: State): State {
  const { endpoints, members } = only(state, ({ type }) => type === "pulumi:pulumi:Stack").outputs ?? {};
  return withResources(state, (all) =>
    all.map((each) =>
      each.type === "flint:index:ClusterComponent"
        ? { ...each, outputs: { endpoints, members, ...each.outputs } }
        : each,
    ),
  );
}

/** Nothing was kept on the provisioning host. */
function withoutKeys(state: State): State {
  const keys = only(state, (each) => kindOf(each) === "ClusterKeys");
  const known = (urns: readonly string[] | null = []) => (urns ?? []).filter((urn) => urn !== keys.urn);
  return withResources(state, (all) =>
    all
      .filter(({ urn }) => urn !== keys.urn)
      .map((each) => ({
        ...each,
        ...(each.dependencies === undefined ? {} : { dependencies: known(each.dependencies) }),
        ...(each.propertyDependencies === undefined
          ? {}
          : {
              propertyDependencies: Object.fromEntries(
                Object.entries(each.propertyDependencies).map(([name, urns]) => [name, known(urns)]),
              ),
            }),
      })),
  );
}

function omit(values: Properties, names: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}

/** @throws Error when there is none. */
function only(state: State, is: (resource: StateResource) => boolean): StateResource {
  const found = state.deployment.resources.find(is);
  if (found === undefined)
    throw new Error(`not in the state, which has ${state.deployment.resources.map(({ urn }) => nameOf(urn))}`);
  return found;
}

/** Names and kinds of all values at any depth, by type of resource: what two states of one schema have in common. */
export function shapeOf(state: State): Record<string, unknown> {
  const flints = state.deployment.resources.filter(
    (each) => kindOf(each) !== undefined || each.type === "flint:index:ClusterComponent",
  );
  return Object.fromEntries(
    flints.map((each) => {
      const { type, inputs = {}, outputs = {}, dependencies = [], propertyDependencies = {} } = each;
      // Members name their machine and each other: which of them is the first in a state is chance.
      const kinds = [...new Set(dependencies.map((urn) => urn.split("::").at(-2) ?? ""))].sort();
      const keys = Object.keys(propertyDependencies).sort();
      return [type, { inputs: kindsOf(inputs), outputs: kindsOf(outputs), kinds, keys }];
    }),
  );
}

const SECRET = "4dabf18193072939515e22adb298388d";
/** Tables by machine or by a phase of it: their names say nothing of a schema. */
const NODE = /^node\d+$/;

function kindsOf(value: unknown, key = ""): unknown {
  if (typeof value === "string" && [SPEC, FOUND].includes(key)) return kindsOf(specOf(value));
  if (Array.isArray(value)) return value.slice(0, 1).map((each) => kindsOf(each));
  if (typeof value !== "object" || value === null) return typeof value;
  if (SECRET in value) return "secret";
  const entries = Object.entries(value).map(([name, each]) => [name.replace(NODE, "node"), kindsOf(each, name)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}
