import type { z } from "zod";
import { removeAbandonedDirectories } from "../../foundation/private-directory.js";
import { rememberSecrets } from "../../foundation/redact.js";
import { hostTargetSchema } from "../ssh-target-schema.js";
import { cancelSignal, isCancelled, underCancel } from "./cancel.js";
import { type CheckResult, checkInputs } from "./check.js";
import { changedInputs, type DiffResult, diffInputs } from "./diff.js";
import { DIGESTS, digestsOf } from "./digest.js";
import { underClusterLock } from "./lock/cluster-lock.js";
import { keepHeapSmall, letHeapGrow } from "./memory.js";
import { failure, PENDING } from "./partial-failure.js";
import { lineOf, openProgress, progressesAtWork } from "./progress.js";
import { inputKeys, type Properties, pickInputs, readInputs, sanitise } from "./sanitise.js";
import { configure, sharedValue, withShared } from "./shared.js";

export type { Properties } from "./sanitise.js";

/** What one operation on one resource may use of its surroundings. */
export interface Run<O> {
  readonly operation: "create" | "update" | "read" | "delete";
  /** Fires on Ctrl-C, on SIGTERM, and when the engine is gone. Pass it to every wait. */
  readonly signal: AbortSignal;
  /** Outputs recorded earlier (update, read, delete). */
  readonly before: Partial<O> | undefined;
  /**
   * A live line on the resource; replaced by the next one, never kept. Throttled and redacted.
   * @param again The line as it is some seconds later, as with a clock. Default: it stays.
   */
  say(text: string, again?: () => string): void;
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

/** A difference that was found between what is stored and what is declared. */
export interface Change {
  olds: Properties;
  news: Properties;
  /** Names of the inputs that differ; none where earlier work is unfinished. */
  changed: readonly string[];
  result: DiffResult;
}

/**
 * What makes one kind of resource; `defineLifecycle` turns it into the methods that the engine calls. I: inputs, O: what
 * is found out beside them, S: the inputs that the outputs repeat.
 */
export interface LifecycleSpec<I extends S, O extends object, S extends { self?: string } = I> {
  /** For messages: "BareMetalNode". */
  type: string;
  /** Parses known inputs; unknown values pass in check. Must go on reading what older releases stored. */
  inputs: z.ZodType<I>;
  /**
   * The inputs that `read` and `remove` need: the engine hands those only outputs, so they are repeated there. Of all
   * other inputs the outputs hold a digest, which is enough to see a change. (A password belongs here, too, not among
   * the digests: it may be short enough to be guessed from one.)
   */
  stored: z.ZodType<S>;
  /** Inputs that the provider holds for all its resources (`FlintProvider`); a resource's own value comes first. */
  shared?: readonly (keyof I & string)[];
  /**
   * Inputs that are outputs of other resources. With `--continue-on-error` the engine asks for a check without them where one of
   * those has failed, and does nothing with this resource then; a refusal would end the whole run.
   */
  fromOthers?: readonly (keyof I & string)[];
  /** Deterministic: the same inputs name the same thing after a crash. */
  id(inputs: I): string;
  /** Remembered for redaction before anything runs. */
  secrets?(inputs: S | I): (string | undefined)[];
  /** Top-level inputs whose known change replaces the resource (deleted before created). */
  replaceOn?: readonly (keyof I & string)[];
  /** Of an input whose other parts can change in place: the part that replaces. */
  replaceOnPart?: { readonly [K in keyof I & string]?: (value: unknown) => unknown };
  /** Inputs whose change alone is no change. `self` always is one. */
  ignore?: readonly (keyof I & string)[];
  /** By input: what of it counts when old and new are compared. Default: all of it. */
  compare?: { readonly [K in keyof I & string]?: (value: unknown) => unknown };
  /** True when the stored outputs show unfinished work; diff then says "changes" although no input differs. */
  unfinished?(olds: Partial<O>): boolean;
  /**
   * Says in a preview what a change means, or refuses it by throwing: called with every diff that found one. Reads only.
   */
  announce?(change: Change): Promise<void>;
  /** Operations after which a run has nothing more to do: the lock on the provisioning host is given back. */
  last?: readonly Run<O>["operation"][];
  /** Loaded when there is something to do: a preview needs none of it. */
  work(): Promise<Work<I, O, S>>;
}

/** What touches the real thing; each resource has it in its `work.ts`. */
export interface Work<I extends S, O extends object, S extends { self?: string } = I> {
  /** Create and update: observes the real thing and does what is missing. Safe to repeat from any line. */
  converge(inputs: I, run: Run<O>): Promise<O>;
  /** What is there now; undefined only with positive evidence that it is gone. An error keeps the state and warns. */
  read?(inputs: S, run: Run<O>): Promise<O | undefined>;
  remove(inputs: S, run: Run<O>): Promise<void>;
  /**
   * The error of an operation that could not begin, as that of a provisioning host that is away and holds the cluster's lock:
   * with the subject and the phase that `converge` or `remove` would have named.
   */
  unbegun(error: unknown, inputs: S, run: Pick<Run<O>, "operation" | "before">): unknown;
}

/** The methods that the serialised shell forwards to. */
export interface Lifecycle {
  configure: typeof configure;
  check(olds: Properties, news: Properties): Promise<CheckResult>;
  diff(id: string, olds: Properties, news: Properties): Promise<DiffResult>;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  delete(id: string, props: Properties): Promise<void>;
  read(id: string, props: Properties): Promise<{ id: string; props: Properties }>;
}

/** One shape for every dynamic resource: parsing, redaction, progress, cancel and partial failure live here only. */
export function defineLifecycle<I extends S, O extends object, S extends { self?: string } = I>(
  spec: LifecycleSpec<I, O, S>,
): Lifecycle {
  const shared = spec.shared ?? [];
  const mayBeMissing = [...shared, ...(spec.fromOthers ?? [])];
  const digested = digestedKeys(spec);
  const sharedAndDigested = shared.filter((key) => digested.includes(key));
  /** What the state repeats of a resource's own inputs; what came from the provider stays with the provider. */
  const echoOf = (inputs: S, own: Properties): Properties => {
    const elsewhere = shared.filter((key) => own[key] === undefined);
    return Object.fromEntries(
      Object.entries(pickInputs(spec.stored, { ...inputs })).filter(([key]) => !elsewhere.some((each) => each === key)),
    );
  };
  const converge = async (
    operation: "create" | "update",
    id: string | undefined,
    olds: Properties | undefined,
    news: Properties,
  ) => {
    const inputs = readInputs(spec.inputs, spec.type, withShared(shared, news));
    const { run, recorded } = open(spec, operation, olds, inputs);
    const name = id ?? spec.id(inputs);
    const digests = digestsOf(sanitise(inputs), digested, spec.compare);
    const kept = { ...echoOf(inputs, news), ...(digests === undefined ? {} : { [DIGESTS]: digests }) };
    try {
      const outputs = await underCancel(() =>
        alone(spec, inputs, run, async () => (await spec.work()).converge(inputs, run)),
      );
      return { id: name, outs: sanitise({ ...outputs, ...kept }) };
    } catch (error) {
      // Nothing recorded: an update leaves the old state as it was, a create leaves none. Both are the truth.
      const partial =
        recorded.size === 0
          ? undefined
          : { ...run.before, ...Object.fromEntries(recorded), ...kept, [PENDING]: operation };
      throw failure(error, name, partial, news);
    } finally {
      await removeAbandonedDirectories();
      await run.end();
    }
  };

  return {
    configure,
    check: async (_olds, news) => checkInputs(spec.inputs, news, mayBeMissing),
    async diff(_id, olds, news) {
      const question = {
        schema: spec.inputs,
        olds,
        // What all share and what a resource does something with (a new CA goes to every machine) is compared, too.
        news: withShared(sharedAndDigested, news),
        shared: mayBeMissing,
        digested,
        replaceOn: spec.replaceOn ?? [],
        replaceOnPart: spec.replaceOnPart,
        ignore: spec.ignore ?? [],
        compare: spec.compare,
        unfinished: olds[PENDING] !== undefined || spec.unfinished?.(olds as Partial<O>) === true,
      };
      const result = diffInputs(question);
      if (result.changes) await spec.announce?.({ olds, news, changed: changedInputs(question), result });
      return result;
    },
    create: (inputs) => converge("create", undefined, undefined, inputs),
    update: async (id, olds, news) => ({ outs: (await converge("update", id, olds, news)).outs }),
    async delete(id, props) {
      const inputs = readInputs(spec.stored, spec.type, withShared(shared, props));
      const { run } = open(spec, "delete", props, inputs);
      try {
        await underCancel(() => alone(spec, inputs, run, async () => (await spec.work()).remove(inputs, run)));
      } catch (error) {
        throw failure(error, id, undefined, props);
      } finally {
        await removeAbandonedDirectories();
        await run.end();
      }
    },
    async read(id, props) {
      const inputs = readInputs(spec.stored, spec.type, withShared(shared, props));
      const { run } = open(spec, "read", props, inputs);
      try {
        const { read } = await spec.work();
        if (read === undefined) return { id, props };
        const outputs = await underCancel(() => read(inputs, run));
        if (outputs === undefined) return { id: "", props: {} };
        const engine = Object.fromEntries(
          [PENDING, DIGESTS].filter((key) => key in props).map((key) => [key, props[key]]),
        );
        return { id, props: sanitise({ ...outputs, ...echoOf(inputs, props), ...engine }) };
      } catch (error) {
        if (isCancelled()) throw failure(error, id, undefined, props);
        run.warn(`${lineOf(error)} The state is kept as it was.`);
        return { id, props };
      } finally {
        await run.end();
      }
    },
  };
}

/** Inputs that the outputs hold only a digest of. */
function digestedKeys<I extends S, O extends object, S extends { self?: string }>(
  spec: LifecycleSpec<I, O, S>,
): string[] {
  const stored = inputKeys(spec.stored) ?? [];
  return (inputKeys(spec.inputs) ?? []).filter(
    (key) => !stored.includes(key) && !spec.ignore?.some((each) => each === key),
  );
}

/** So many resources at once are a large cluster's. */
const MANY = 32;

/** Whoever changes a cluster is the only one: where the provider knows its provisioning host, that holds the lock. */
function alone<T, I extends S, O extends object, S extends { self?: string }>(
  spec: LifecycleSpec<I, O, S>,
  inputs: S,
  run: Run<O>,
  work: () => Promise<T>,
): Promise<T> {
  const host = hostTargetSchema.safeParse(sharedValue("host"));
  const cluster: unknown = Reflect.get(inputs, "cluster");
  if (!host.success || typeof cluster !== "string") return work();
  const { operation, say } = run;
  const last = spec.last?.includes(operation) === true;
  const named = async (error: unknown) => (await spec.work()).unbegun(error, inputs, run);
  return underClusterLock({ host: host.data, cluster, self: inputs.self, operation, last, say, named }, work);
}

function open<I extends S, O extends object, S extends { self?: string }>(
  spec: LifecycleSpec<I, O, S>,
  operation: Run<O>["operation"],
  olds: Properties | undefined,
  inputs: S,
) {
  rememberSecrets(...(spec.secrets?.(inputs) ?? []));
  keepHeapSmall();
  // Keys that a run which was killed has left in files, whatever this one does: begun here, and over before this one is.
  if (operation !== "read") void removeAbandonedDirectories();
  const progress = openProgress(inputs.self);
  if (progressesAtWork() >= MANY) letHeapGrow();
  const recorded = new Map<string, unknown>();
  const run: Run<O> & { end(): Promise<void> } = {
    operation,
    signal: cancelSignal,
    before: olds as Partial<O> | undefined,
    ...progress,
    record(partial) {
      for (const [key, value] of Object.entries(partial)) recorded.set(key, value);
    },
  };
  return { run, recorded };
}
