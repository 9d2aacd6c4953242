import * as pulumi from "@pulumi/pulumi";
import type { Lifecycle } from "./runtime/lifecycle.js";
import type { Properties } from "./runtime/sanitise.js";
import { SPEC, splitPlain } from "./runtime/spec-text.js";

/** What `pulumi-flint/lifecycle/<folder>` must export. */
export interface LifecycleModule {
  lifecycle: Lifecycle;
}

/**
 * The provider that is stored with every resource: it loads the code that is installed now. The text travels with each
 * resource through the engine and into the state twice, so it is short, and must not change between releases without
 * need; a test pins it. `folder` is the resource's folder under `providers/`.
 *
 * The host awaits what `handler` returns before it calls a method, but looks for `configure` before that.
 */
export function shellText(folder: string): string {
  if (!/^[a-z]+(-[a-z]+)*$/.test(folder)) throw new TypeError(`not a folder under providers/: ${folder}`);
  return `exports.handler=()=>{const l=import("pulumi-flint/lifecycle/${folder}").then(m=>m.lifecycle);l.configure=r=>l.then(l=>l.configure(r));return l}`;
}

/** What a resource class says of itself. */
export interface ResourceKind {
  /** "PxeServer": the type is shown as `pulumi-nodejs:dynamic/flint:PxeServer`. */
  type: string;
  /** Folder under `providers/`, which holds `lifecycle.ts`. */
  folder: string;
  /** Top-level inputs that are encrypted in the state, with the outputs of the same name. */
  secrets?: readonly string[];
  /** Outputs that are not inputs, so that the program can use them. */
  outputs?: readonly string[];
  /** Those of them that are encrypted in the state. */
  secretOutputs?: readonly string[];
  /** There is one for each machine: its plain inputs travel as one text, as `withSpecText` of its lifecycle reads them. */
  many?: boolean;
}

/**
 * Base of Flint's dynamic resources: the shared shell, secret inputs, and the URN that live progress is shown under.
 *
 * It is a `pulumi.dynamic.Resource` in all but one step: the SDK's constructor serialises a provider object with the
 * TypeScript compiler, which costs every preview 0.7 s and makes a text of 2 kB per resource. Ours is written above.
 */
export abstract class FlintResource extends pulumi.CustomResource {
  constructor(kind: ResourceKind, name: string, args: object, options?: pulumi.CustomResourceOptions) {
    const type = `pulumi-nodejs:dynamic/flint:${kind.type}`;
    const outputs = (kind.outputs ?? []).map((key) => [key, undefined]);
    const isPlain = (key: string, value: unknown) => kind.secrets?.includes(key) !== true && isKnown(value);
    // Not `urn`: that name is reserved and vanishes on the way.
    const self = urnOf(name, type, options?.parent);
    const properties = kind.many ? asSpec({ ...args }, self, isPlain) : { ...args, self };
    const inputs = Object.entries(properties).map(([key, value]) => [
      key,
      kind.secrets?.includes(key) && value !== undefined ? pulumi.secret(value) : value,
    ]);
    super(
      type,
      name,
      {
        ...Object.fromEntries([...outputs, ...inputs]),
        __provider: shellText(kind.folder),
      },
      pulumi.mergeOptions(options, {
        // Of a replacement that was cut off nothing may differ any more: the engine would make the new one first then, and let go
        // of the old one last, which is the same machine, the same member.
        deleteBeforeReplace: true,
        additionalSecretOutputs: [...(kind.secretOutputs ?? [])],
      }),
    );
  }
}

/** What is plain goes into the text together with the resource's own URN, which its provider is not told otherwise. */
function asSpec(
  args: Properties,
  self: Promise<string>,
  isPlain: (key: string, value: unknown) => boolean,
): Properties {
  const [plain, rest] = splitPlain(args, isPlain);
  return { ...rest, [SPEC]: self.then((urn) => JSON.stringify({ ...plain, self: urn })) };
}

/** Neither an output nor a promise at any depth. */
function isKnown(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value !== "function";
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return false;
  return Object.values(value).every(isKnown);
}

/** By parent and type: the URN of a child up to its name, asked for once for all its children. */
const prefixes = new WeakMap<pulumi.Resource, Map<string, Promise<string>>>();

/**
 * As `pulumi.createUrn`, but a promise: an output made from a parent's URN depends on the parent, and a dependency on a component
 * is one on all its children, so that siblings that depend on each other would wait for each other for ever.
 */
function urnOf(name: string, type: string, parent: pulumi.Resource | undefined): Promise<string> {
  if (parent === undefined) return promised(pulumi.createUrn(name, type));
  const ofParent = prefixes.get(parent) ?? new Map<string, Promise<string>>();
  prefixes.set(parent, ofParent);
  const prefix = ofParent.get(type) ?? promised(pulumi.createUrn("", type, parent));
  ofParent.set(type, prefix);
  return prefix.then((text) => `${text}${name}`);
}

function promised(output: pulumi.Output<string>): Promise<string> {
  return new Promise((resolve) => output.apply(resolve));
}

// `instanceof pulumi.dynamic.Resource` holds; `super` above still goes to CustomResource.
Object.setPrototypeOf(FlintResource.prototype, pulumi.dynamic.Resource.prototype);
