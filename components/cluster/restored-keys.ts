import * as pulumi from "@pulumi/pulumi";
import type { ClusterKeys } from "../../providers/cluster-keys/resource.js";
import type { Keys } from "../../providers/cluster-keys/schema.js";
import type { ClusterPki } from "./pki.js";

/** Certificates are no secrets. */
const OPEN: ReadonlySet<keyof Keys> = new Set(["ca", "clientCert"]);

/**
 * Keys of a cluster that was there before this stack, as its provisioning host keeps them. In most stacks there are none:
 * then everything takes what the provider has. Where there are, they are each resource's own inputs, which come first.
 */
export class RestoredKeys {
  private readonly restored: pulumi.Output<Partial<Keys>>;
  private readonly asInputs = new Map<keyof Keys, pulumi.Output<unknown>>();

  constructor(keys: ClusterKeys) {
    // Secret is what is in it. That there is nothing is none, and must stay absent where it is an input.
    this.restored = pulumi.unsecret(keys.restored);
  }

  /** These keys as inputs of a resource; absent ones are left out. Each is one output for all who take it. */
  inputs(...names: (keyof Keys)[]): object {
    return Object.fromEntries(
      names.map((name) => {
        const input = this.asInputs.get(name) ?? this.input(name);
        this.asInputs.set(name, input);
        return [name, input];
      }),
    );
  }

  /** The keys in use: these, or else those that the stack has made. */
  insteadOf(made: ClusterPki): ClusterPki {
    const { operator, loginKey } = made;
    return {
      ...made,
      ca: this.or("ca", made.ca),
      caKey: this.or("caKey", made.caKey),
      operator: { cert: this.or("clientCert", operator.cert), key: this.or("clientKey", operator.key) },
      loginKey: {
        privateKey: this.orOwn((keys) => keys.loginKey?.privateKey, loginKey.privateKey),
        publicKey: pulumi.unsecret(this.orOwn((keys) => keys.loginKey?.publicKey, loginKey.publicKey)),
      },
    };
  }

  private input(name: keyof Keys): pulumi.Output<unknown> {
    return this.restored.apply((keys) => {
      const key: unknown = keys[name];
      return key === undefined || OPEN.has(name) ? key : pulumi.secret(key);
    });
  }

  private or(name: Exclude<keyof Keys, "loginKey">, own: pulumi.Output<string>): pulumi.Output<string> {
    const key = this.orOwn((keys) => keys[name], own);
    return OPEN.has(name) ? pulumi.unsecret(key) : key;
  }

  private orOwn(of: (keys: Partial<Keys>) => string | undefined, own: pulumi.Output<string>): pulumi.Output<string> {
    return this.restored.apply((keys) => {
      const key = of(keys);
      return key === undefined ? own : pulumi.secret(key);
    });
  }
}
