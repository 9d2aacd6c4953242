import type { z } from "zod";
import { rememberSecrets } from "../../foundation/redact.js";
import { cancelSignal, isCancelled, underCancel } from "./cancel.js";
import { type CheckResult, checkInputs } from "./check.js";
import { type DiffResult, diffInputs } from "./diff.js";
import { failure, PENDING } from "./partial-failure.js";
import { lineOf, openProgress } from "./progress.js";
import { readInputs, sanitise } from "./sanitise.js";

/** What one operation on one resource may use of its surroundings. */
export interface Run<O> {
  readonly operation: "create" | "update" | "read" | "delete";
  /** Fires on Ctrl-C, on SIGTERM, and when the engine is gone. Pass it to every wait. */
  readonly signal: AbortSignal;
  /** Outputs recorded earlier (update, read, delete). */
  readonly before: Partial<O> | undefined;
  /** A live line on the resource; replaced by the next one, never kept. Throttled and redacted. */
  say(text: string): void;
  /** A line that stays in Diagnostics. Use sparingly. */
  info(text: string): void;
  /** A warning that stays in Diagnostics. */
  warn(text: string): void;
  /**
   * Keeps outputs in the state even if the operation fails later. A create that fails without having recorded anything
   * leaves nothing in the state: record before the first thing is changed that a delete would have to undo.
   */
  record(partial: Partial<O>): void;
}

/** What makes one kind of resource; `defineLifecycle` turns it into the methods that the engine calls. */
export interface LifecycleSpec<I extends { self?: string }, O extends object> {
  /** For messages: "BareMetalNode". */
  type: string;
  /** Parses known inputs; unknown values pass in check. Must go on reading what older releases stored. */
  inputs: z.ZodType<I>;
  /** Deterministic: the same inputs name the same thing after a crash. */
  id(inputs: I): string;
  /** Remembered for redaction before anything runs. */
  secrets?(inputs: I): (string | undefined)[];
  /** Top-level inputs whose known change replaces the resource (deleted before created). */
  replaceOn?: readonly (keyof I & string)[];
  /** Inputs whose change alone is no change. `self` always is one. */
  ignore?: readonly (keyof I & string)[];
  /** By input: what of it counts when old and new are compared. Default: all of it. */
  compare?: { readonly [K in keyof I & string]?: (value: unknown) => unknown };
  /** True when the stored outputs show unfinished work; diff then says "changes" although no input differs. */
  unfinished?(olds: Partial<O>): boolean;
  /** Create and update: observes the real thing and does what is missing. Safe to repeat from any line. */
  converge(inputs: I, run: Run<O>): Promise<O>;
  /** What is there now; undefined only with positive evidence that it is gone. An error keeps the state and warns. */
  read?(inputs: I, run: Run<O>): Promise<O | undefined>;
  remove(inputs: I, run: Run<O>): Promise<void>;
}

/** Values as they travel between the engine and a provider. */
export type Properties = Record<string, unknown>;

/** The methods that the serialised shell forwards to. */
export interface Lifecycle {
  check(olds: Properties, news: Properties): Promise<CheckResult>;
  diff(id: string, olds: Properties, news: Properties): Promise<DiffResult>;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  delete(id: string, props: Properties): Promise<void>;
  read(id: string, props: Properties): Promise<{ id: string; props: Properties }>;
}

/** One shape for every dynamic resource: parsing, redaction, progress, cancel and partial failure live here only. */
export function defineLifecycle<I extends { self?: string }, O extends object>(spec: LifecycleSpec<I, O>): Lifecycle {
  const converge = async (
    operation: "create" | "update",
    id: string | undefined,
    olds: Properties | undefined,
    news: Properties,
  ) => {
    const { inputs, run, recorded } = open(spec, operation, olds, news);
    const name = id ?? spec.id(inputs);
    try {
      const outputs = await underCancel(() => spec.converge(inputs, run));
      return { id: name, outs: sanitise({ ...outputs, ...inputs }) };
    } catch (error) {
      // Nothing recorded: an update leaves the old state as it was, a create leaves none. Both are the truth.
      const kept =
        recorded.size === 0
          ? undefined
          : { ...run.before, ...Object.fromEntries(recorded), ...inputs, [PENDING]: operation };
      throw failure(error, name, kept, news);
    } finally {
      run.end();
    }
  };

  return {
    check: async (_olds, news) => checkInputs(spec.inputs, news),
    diff: async (_id, olds, news) =>
      diffInputs({
        schema: spec.inputs,
        olds,
        news,
        replaceOn: spec.replaceOn ?? [],
        ignore: spec.ignore ?? [],
        compare: spec.compare,
        unfinished: olds[PENDING] !== undefined || spec.unfinished?.(olds as Partial<O>) === true,
      }),
    create: (inputs) => converge("create", undefined, undefined, inputs),
    update: async (id, olds, news) => ({ outs: (await converge("update", id, olds, news)).outs }),
    async delete(id, props) {
      const { inputs, run } = open(spec, "delete", props, props);
      try {
        await underCancel(() => spec.remove(inputs, run));
      } catch (error) {
        throw failure(error, id, undefined, props);
      } finally {
        run.end();
      }
    },
    async read(id, props) {
      if (spec.read === undefined) return { id, props };
      const { inputs, run } = open(spec, "read", props, props);
      const read = spec.read;
      try {
        const outputs = await underCancel(() => read(inputs, run));
        if (outputs === undefined) return { id: "", props: {} };
        const pending = props[PENDING] === undefined ? {} : { [PENDING]: props[PENDING] };
        return { id, props: sanitise({ ...outputs, ...inputs, ...pending }) };
      } catch (error) {
        if (isCancelled()) throw failure(error, id, undefined, props);
        run.warn(`${lineOf(error)} The state is kept as it was.`);
        return { id, props };
      } finally {
        run.end();
      }
    },
  };
}

function open<I extends { self?: string }, O extends object>(
  spec: LifecycleSpec<I, O>,
  operation: Run<O>["operation"],
  olds: Properties | undefined,
  news: Properties,
) {
  const inputs = readInputs(spec.inputs, spec.type, news);
  rememberSecrets(...(spec.secrets?.(inputs) ?? []));
  const progress = openProgress(inputs.self);
  const recorded = new Map<string, unknown>();
  const run: Run<O> & { end(): void } = {
    operation,
    signal: cancelSignal,
    before: olds as Partial<O> | undefined,
    ...progress,
    record(partial) {
      for (const [key, value] of Object.entries(partial)) recorded.set(key, value);
    },
  };
  return { inputs, run, recorded };
}
