import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { underCancel } from "./cancel.js";
import { DIGESTS } from "./digest.js";
import type { Lifecycle } from "./lifecycle.js";
import { failure } from "./partial-failure.js";
import type { Properties } from "./sanitise.js";
import { FOUND, readSpec, SPEC, specOf, writeSpec } from "./spec-text.js";

/**
 * What an operation leaves in the state: what it repeats of the text is a text again, with the digests of the inputs; what it
 * has found out is another.
 */
function withText(source: Properties, outputs: Properties, found: readonly string[]): Properties {
  const text = source[SPEC];
  if (typeof text !== "string") return outputs;
  const keys = [...Object.keys(specOf(text)), DIGESTS];
  const entries = Object.entries(writeSpec(outputs, (key) => keys.includes(key)));
  const seen = entries.filter(([key]) => found.includes(key));
  const rest = entries.filter(([key]) => !found.includes(key));
  return Object.fromEntries(seen.length === 0 ? rest : [...rest, [FOUND, JSON.stringify(Object.fromEntries(seen))]]);
}

/** Names of inputs as the engine knows them. */
function engineNames(source: Properties, names: readonly string[]): string[] {
  const text = source[SPEC];
  const inside = typeof text === "string" ? Object.keys(specOf(text)) : [];
  return [...new Set(names.map((name) => (inside.includes(name) ? SPEC : name)))];
}

interface SpecTextOptions {
  found?: readonly string[];
  complete?: (inputs: Properties) => Properties;
}

/**
 * A lifecycle whose resource keeps its plain inputs in one text.
 * @param found Outputs that are kept in another, `found`; the resource declares that one instead of them.
 * @param complete Adds to the declared inputs what only this process knows.
 */
export function withSpecText(
  inner: Lifecycle,
  { found = [], complete = (inputs) => inputs }: SpecTextOptions = {},
): Lifecycle {
  const declared = (news: Properties) => complete(readSpec(news));
  const diffOf = async (id: string, olds: Properties, news: Properties) => {
    try {
      // It may ask a cluster that does not answer, for as long as a preview waits for one.
      return await underCancel(() => inner.diff(id, olds, declared(news)), 0);
    } catch (error) {
      // A refusal, or Ctrl-C: the host would print the stack of it, beside the message.
      throw failure(error, id, undefined, news);
    }
  };
  /** A partial failure has properties to be kept, too. */
  const kept = async <T>(source: Properties, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      const parsed = failureSchema.safeParse(error);
      if (parsed.success && error instanceof Error)
        Object.assign(error, { properties: withText(source, parsed.data.properties, found) });
      throw error;
    }
  };
  return {
    configure: inner.configure,
    async check(olds, news) {
      // What the state has as inputs was checked when it came there; an operation parses it again.
      if (typeof news[SPEC] === "string" && isDeepStrictEqual(olds, news))
        return { inputs: withoutProvider(news), failures: [] };
      const { inputs, failures } = await inner.check(readSpec(olds), declared(news));
      // The text stays as it was declared: whoever reads it completes it with the defaults.
      return { inputs: typeof news[SPEC] === "string" ? withoutProvider(news) : inputs, failures };
    },
    async diff(id, olds, news) {
      const result = await diffOf(id, readSpec(olds), news);
      return result.replaces === undefined ? result : { ...result, replaces: engineNames(news, result.replaces) };
    },
    async create(inputs) {
      const { id, outs } = await kept(inputs, inner.create(declared(inputs)));
      return { id, outs: withText(inputs, outs, found) };
    },
    async update(id, olds, news) {
      const { outs } = await kept(news, inner.update(id, readSpec(olds), declared(news)));
      return { outs: withText(news, outs, found) };
    },
    delete: (id, props) => kept(props, inner.delete(id, readSpec(props))),
    async read(id, props) {
      const seen = await kept(props, inner.read(id, readSpec(props)));
      return { id: seen.id, props: withText(props, seen.props, found) };
    },
  };
}

const failureSchema = z.object({ properties: z.record(z.string(), z.unknown()) });

function withoutProvider({ __provider: _, ...values }: Properties): Properties {
  return values;
}
