import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterArgs } from "../../../components/index.js";
import { ClusterComponent } from "../../../components/index.js";
import { readSpec } from "../../../providers/runtime/spec-text.js";

export interface Registered {
  type: string;
  inputs: Record<string, unknown>;
  /** What had been made by the time this was begun. */
  madeBefore: Set<string>;
}

/** Resources by name, as the engine would see them. */
export let registered = new Map<string, Registered>();
const made = new Set<string>();
/** In a preview all resources are new: none has an id. */
let previews = false;

const mocks: pulumi.runtime.Mocks = {
  call: () => ({}),
  newResource: async ({ type, name, inputs }) => {
    assert.equal(registered.has(name), false, `two resources are named ${name}`);
    registered.set(name, { type, inputs, madeBefore: new Set(made) });
    // Machines take their time: whoever does not wait for them is seen to overtake.
    if (type.includes("flint:")) await setTimeout(20);
    made.add(name);
    return { id: previews ? "" : `${name}-id`, state: { ...inputs, ...outputsOf(type, name) } };
  },
};

/** What the real providers would add. */
function outputsOf(type: string, name: string): Record<string, string> {
  if (type === "tls:index/privateKey:PrivateKey") {
    return {
      privateKeyPem: `${name} pem`,
      privateKeyOpenssh: `${name} openssh`,
      publicKeyOpenssh: `ssh-ed25519 ${name}\n`,
    };
  }
  if (type.startsWith("tls:")) return { certPem: `${name} cert`, certRequestPem: `${name} csr` };
  if (type.endsWith("NodeIdentity")) {
    return {
      cert: `${name} cert`,
      key: `${name} key`,
      hostKey: `${name} host key`,
      hostKeyPublic: `ssh-ed25519 ${name}`,
    };
  }
  return type.endsWith("ClusterHealth") ? { summary: "all healthy", checkedAt: "2026-01-02T03:04:05Z" } : {};
}

/** Runs a program with one cluster, until everything is registered. */
export async function program(args: ClusterArgs, preview = false): Promise<ClusterComponent> {
  // Whether the host answers is really asked: here, where nothing answers and nothing is disturbed.
  args.pxe.address ??= "10.0.100.1";
  const { host } = args.pxe;
  if ("ssh" in host) Object.assign(host, { ssh: `${host.ssh.split("@")[0]}@127.0.0.1`, port: 1 });
  return programOf(() => new ClusterComponent("dev", args), preview);
}

/** Runs any program, until everything is registered. In a preview no host is asked whether it answers. */
export async function programOf<T>(declare: () => T, preview = true): Promise<T> {
  registered = new Map();
  made.clear();
  previews = preview;
  await pulumi.runtime.setMocks(mocks, "flint", "dev", preview);
  const answer = declare();
  await pulumi.runtime.disconnect();
  return answer;
}

/** Of a resource; its plain inputs travel as one text. */
export function inputsOf(name: string): Record<string, unknown> {
  const found = registered.get(name);
  if (found === undefined)
    throw new Error(`${name} was not registered; there are ${[...registered.keys()].join(", ")}`);
  return readSpec(found.inputs);
}

/** The value of an output; secrets too. */
export function resolved<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value)));
}

/** The engine marks secrets in what it passes to mocks. */
export function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Reflect.get(value, "4dabf18193072939515e22adb298388d") !== undefined) return plain(Reflect.get(value, "value"));
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

export function at(value: unknown, ...keys: string[]): unknown {
  return keys.reduce(
    (inner: unknown, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

export function isSecret(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && Reflect.get(value, "4dabf18193072939515e22adb298388d") !== undefined
  );
}
