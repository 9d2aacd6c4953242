import { isDeepStrictEqual } from "node:util";
import type * as provider from "@pulumi/pulumi/provider/index.js";
import type { Call, Resource } from "./resource.js";
import { changedNames, isUnknown, markSecrets, type Properties, plainProperties, secretNames } from "./values.js";

/** Where a plugin's lines for the user go. */
export interface Log {
  status(urn: string, text: string): void;
  warning(urn: string, text: string): void;
}

/**
 * The provider that the engine speaks to, for some resource types. Secrets are unwrapped here and marked again on the way
 * out: an output is secret if the input of that name was, or if the type says so.
 */
// biome-ignore lint/suspicious/noExplicitAny: resources of different inputs stand in one list; each parses its own
export function providerOf(version: string, resources: readonly Resource<any>[], log: Log): provider.Provider {
  const byType = new Map(resources.map((resource) => [resource.type, resource]));
  const abort = new AbortController();

  function resourceOf(urn: string): Resource<unknown> {
    const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
    const resource = byType.get(type);
    if (resource === undefined) {
      throw new Error(`the stand-in plugin of Flint's lab has no ${type}; it has ${[...byType.keys()].join(", ")}`);
    }
    return resource;
  }

  const callOf = (urn: string): Call => ({
    name: urn.split("::").at(-1) ?? urn,
    signal: abort.signal,
    say: (text) => log.status(urn, text),
    warn: (text) => log.warning(urn, text),
  });

  return {
    version,

    async check(urn, olds: Properties, news: Properties) {
      const resource = resourceOf(urn);
      // The marks stay: what comes back here is what the state keeps as inputs.
      const inputs = { ...resource.defaults, ...news };
      // Checked when they came into the state.
      if (isDeepStrictEqual(inputs, olds)) return { inputs, failures: [] };
      return { inputs, failures: await failuresOf(resource, plainProperties(inputs)) };
    },

    async diff(_id, urn, olds: Properties, news: Properties) {
      const resource = resourceOf(urn);
      const [before, after] = [plainProperties(olds), plainProperties(news)];
      const replaces = changedNames(before, after, resource.replaceOn);
      const expired = resource.expired?.(before, after);
      if (expired !== undefined) replaces.push(expired);
      return { changes: replaces.length > 0 || changedNames(before, after, resource.updateOn).length > 0, replaces };
    },

    async create(urn, news: Properties) {
      const resource = resourceOf(urn);
      const inputs = plainProperties(news);
      const { id, outputs } = await resource.create(await parse(resource, inputs), callOf(urn));
      return { id, outs: markSecrets({ ...inputs, ...outputs }, secretsOf(resource, news)) };
    },

    async update(_id, urn, olds: Properties, news: Properties) {
      const resource = resourceOf(urn);
      const [before, inputs] = [plainProperties(olds), plainProperties(news)];
      const outputs = await resource.update?.(await parse(resource, inputs), before, callOf(urn));
      const outs = { ...(outputs === undefined ? before : {}), ...inputs, ...outputs };
      return { outs: markSecrets(outs, secretsOf(resource, news)) };
    },

    async delete(_id, urn, properties: Properties) {
      await resourceOf(urn).remove?.(plainProperties(properties), callOf(urn));
    },

    async cancel() {
      abort.abort(new Error("cancelled"));
    },
  };
}

async function failuresOf(resource: Resource<unknown>, inputs: Properties): Promise<provider.CheckFailure[]> {
  const refused = (resource.refused ?? []).filter((name) => inputs[name] !== undefined);
  if (refused.length > 0) {
    return refused.map((property) => ({
      property,
      reason: "the stand-in plugin of Flint's lab does not support this input",
    }));
  }
  const checked = (await resource.inputs()).safeParse(inputs);
  if (checked.success) return [];
  return checked.error.issues
    .filter((issue) => !isUnknown(inputs[String(issue.path[0])]))
    .map((issue) => ({ property: issue.path.join("."), reason: issue.message }));
}

async function parse<Inputs>(resource: Resource<Inputs>, inputs: Properties): Promise<Inputs> {
  const parsed = (await resource.inputs()).safeParse(inputs);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "));
}

function secretsOf(resource: Resource<unknown>, inputs: Properties): string[] {
  const names = secretNames(inputs);
  return [
    ...names,
    ...(resource.secretOutputs ?? []),
    ...(names.length > 0 ? (resource.secretIfAnyInputIs ?? []) : []),
  ];
}
