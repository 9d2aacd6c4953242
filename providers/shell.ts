import * as pulumi from "@pulumi/pulumi";
import type { Lifecycle } from "./runtime/lifecycle.js";

const shells = new Map<string, pulumi.dynamic.ResourceProvider>();

/**
 * The provider that is stored as text with every resource: six methods that load the code that is installed now.
 * Nothing else may be captured here, and the text must not change between releases without need; a test pins it.
 * `folder` is the resource's folder under `providers/`.
 */
export function shell(folder: string): pulumi.dynamic.ResourceProvider {
  const known = shells.get(folder);
  if (known !== undefined) return known;
  const made: pulumi.dynamic.ResourceProvider = {
    check: async (olds, news) => (await import(`pulumi-flint/lifecycle/${folder}`)).lifecycle.check(olds, news),
    diff: async (id, olds, news) => (await import(`pulumi-flint/lifecycle/${folder}`)).lifecycle.diff(id, olds, news),
    create: async (news) => (await import(`pulumi-flint/lifecycle/${folder}`)).lifecycle.create(news),
    update: async (id, olds, news) =>
      (await import(`pulumi-flint/lifecycle/${folder}`)).lifecycle.update(id, olds, news),
    delete: async (id, props) => (await import(`pulumi-flint/lifecycle/${folder}`)).lifecycle.delete(id, props),
    read: async (id, props) => (await import(`pulumi-flint/lifecycle/${folder}`)).lifecycle.read(id, props),
  };
  shells.set(folder, made);
  return made;
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
}

/** Base of Flint's dynamic resources: the shared shell, secret inputs, and the URN that live progress is shown under. */
export abstract class FlintResource extends pulumi.dynamic.Resource {
  constructor(kind: ResourceKind, name: string, args: object, options?: pulumi.CustomResourceOptions) {
    // An input must not be called `urn`: that name is reserved and vanishes on the way.
    const self = pulumi.createUrn(name, `pulumi-nodejs:dynamic/flint:${kind.type}`, options?.parent);
    const inputs = Object.entries(args).map(([key, value]) => [
      key,
      kind.secrets?.includes(key) && value !== undefined ? pulumi.secret(value) : value,
    ]);
    const outputs = (kind.outputs ?? []).map((key) => [key, undefined]);
    super(
      shell(kind.folder),
      name,
      { ...Object.fromEntries([...outputs, ...inputs]), self },
      options,
      "flint",
      kind.type,
    );
  }
}

/** What `pulumi-flint/lifecycle/<folder>` must export. */
export interface LifecycleModule {
  lifecycle: Lifecycle;
}
