import { posix } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { SshSession } from "../../drivers/ssh/target.js";
import { inSharedPhase } from "../phases.js";
import { rootOf } from "../pxe-server/schema.js";
import { connections } from "../runtime/connections.js";
import { DIGESTS, digestOfValue } from "../runtime/digest.js";
import type { Run } from "../runtime/lifecycle.js";
import { isKept, type KeptFile, keysDirectory, readKept, readOwn, writeKept } from "./kept-file.js";
import { GROUPS, type Keys, type KeysInputs, type KeysOutputs, keysSchema, type StoredKeys } from "./schema.js";
import { sealingSecret } from "./seal.js";

/** Keeps the keys; and where there are some already that this stack does not know, those are the cluster's. */
export function converge(want: KeysInputs, run: Run<KeysOutputs>): Promise<KeysOutputs> {
  return keep(want, run).catch((error: unknown) => {
    throw inSharedPhase("preparation", error);
  });
}

export function unbegun(error: unknown, _: StoredKeys, { operation }: Pick<Run<KeysOutputs>, "operation">): unknown {
  return inSharedPhase(operation === "delete" ? "removal" : "preparation", error);
}

async function keep(want: KeysInputs, run: Run<KeysOutputs>): Promise<KeysOutputs> {
  const host = await connections.get(want.host, { signal: run.signal });
  const own = keysSchema.parse(want);
  const keys = run.operation === "create" ? await found(host, want) : changed(own, run.before ?? {});
  const restored = differing(keys ?? own, own);
  if (run.operation === "create" && Object.keys(restored).length > 0) {
    run.info(`cluster ${want.cluster} was there before this stack: its keys were found on ${want.host.name}.`);
  }
  const text = JSON.stringify(keys ?? own);
  if (keys === undefined || (run.operation === "update" && (await readOwn(host, fileOf(want))) !== text)) {
    await writeKept(host, fileOf(want), text);
  }
  return { restored, kept: true };
}

const fileOf = ({ cluster, host }: StoredKeys): KeptFile => ({ cluster, name: "cluster", secret: sealingSecret(host) });

async function found(host: SshSession, want: KeysInputs): Promise<Keys | undefined> {
  const text = await readKept(host, fileOf(want));
  return text === undefined ? undefined : keysSchema.parse(JSON.parse(text));
}

/** The keys in use, and the stack's own where it has made new ones since. */
function changed(own: Keys, before: Partial<KeysOutputs>): Keys {
  const digests: unknown = Reflect.get(before, DIGESTS);
  const isNew = (key: keyof Keys) =>
    typeof digests !== "object" || digests === null || Reflect.get(digests, key) !== digestOfValue(own[key]);
  const kept = GROUPS.filter((group) => !group.some(isNew)).flatMap((group) =>
    group.map((key) => [key, before.restored?.[key] ?? own[key]]),
  );
  return keysSchema.parse({ ...own, ...Object.fromEntries(kept) });
}

function differing(keys: Keys, own: Keys): Partial<Keys> {
  const others = GROUPS.filter((group) => group.some((key) => !isDeepStrictEqual(keys[key], own[key])));
  return Object.fromEntries(others.flatMap((group) => group.map((key) => [key, keys[key]])));
}

/** Whether they are still there; what is missing is written again by the next update. */
export async function read(want: StoredKeys, run: Run<KeysOutputs>): Promise<KeysOutputs> {
  const host = await connections.get(want.host, { signal: run.signal });
  const kept = await isKept(host, { cluster: want.cluster, name: "cluster" });
  if (!kept)
    run.warn(`${want.host.name}: the keys of cluster ${want.cluster} are not kept there. \`pulumi up\` mends it.`);
  return { restored: {}, ...run.before, kept };
}

/** With the cluster its keys end. */
export function remove(want: StoredKeys, run: Run<KeysOutputs>): Promise<void> {
  return end(want, run).catch((error: unknown) => {
    throw inSharedPhase("removal", error);
  });
}

async function end(want: StoredKeys, run: Run<KeysOutputs>): Promise<void> {
  const host = await connections.get(want.host, { signal: run.signal });
  await host.exec(["rm", "-rf", keysDirectory(want.cluster)]);
  const root = rootOf(want.cluster);
  // Whoever is the last leaves no empty directory: that may be the PXE server's removal, or this.
  await host.exec(["rmdir", "--ignore-fail-on-non-empty", root, posix.dirname(root)], { okCodes: [1] });
}
