import { generateKeyPairSync } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { makeKeyPair } from "../../drivers/ssh/key-pair.js";
import type { SshSession } from "../../drivers/ssh/target.js";
import { dhcpHostPath } from "../bare-metal-node/render/dhcp-host.js";
import { isKept, type KeptFile, readKept, readOwn, removeKept, writeKept } from "../cluster-keys/kept-file.js";
import { inPhase } from "../phases.js";
import { rootOf } from "../pxe-server/schema.js";
import { connections } from "../runtime/connections.js";
import { DIGESTS, digestOfValue } from "../runtime/digest.js";
import type { Run } from "../runtime/lifecycle.js";
import { signCertificate } from "./certificate.js";
import { isReplaced } from "./known.js";
import { endsSoon } from "./renewal.js";
import { type IdentityInputs, type IdentityOutputs, inputsSchema, type StoredIdentity } from "./schema.js";

const identitySchema = z.object({
  cert: z.string(),
  key: z.string(),
  hostKey: z.string(),
  hostKeyPublic: z.string(),
  expires: z.string(),
});
type Identity = z.infer<typeof identitySchema>;

const namesSchema = inputsSchema.pick({ dnsNames: true, ipAddresses: true, ca: true });
type Names = z.infer<typeof namesSchema>;

/** An identity as it is kept on the provisioning host, with what its certificate was signed for. */
const keptSchema = z.object({ identity: identitySchema, names: namesSchema });
type Kept = z.infer<typeof keptSchema>;

/**
 * Makes keys once, and a certificate whenever names, CA or time ask for another. A replacement makes new keys. Those of a
 * machine that a stack does not know, because its state was lost, are those that are kept; an update that was cut off after
 * they were written ends with them, too.
 */
export function converge(want: IdentityInputs, run: Run<IdentityOutputs>): Promise<IdentityOutputs> {
  return identify(want, run).catch((error: unknown) => {
    throw inPhase(want.node, "making of its keys", error);
  });
}

export function unbegun(error: unknown, { node }: StoredIdentity): unknown {
  return inPhase(node, "making of its keys", error);
}

async function identify(want: IdentityInputs, run: Run<IdentityOutputs>): Promise<IdentityOutputs> {
  const host = want.host === undefined ? undefined : await connections.get(want.host, { signal: run.signal });
  const names = namesSchema.parse(want);
  const kept = host === undefined ? undefined : await found(host, want, run);
  if (kept !== undefined && isDeepStrictEqual(kept.names, names) && !endsSoon(kept.identity)) return kept.identity;
  const identity = signedFor(names, run.before) ?? (await make(want, kept?.identity ?? run.before ?? {}));
  if (host !== undefined) await writeKept(host, fileOf(want), JSON.stringify({ identity, names }));
  return identity;
}

/** The CA's key is kept as well, and is all that it takes to open this. */
function fileOf({ cluster, node, caKey }: Pick<IdentityInputs, "cluster" | "node"> & { caKey?: string }): KeptFile {
  return { cluster, name: node, secret: caKey ?? "" };
}

/** What is kept of this very machine: a create takes it, an update where its keys are those that the state has. */
async function found(host: SshSession, want: IdentityInputs, run: Run<IdentityOutputs>): Promise<Kept | undefined> {
  if (run.operation === "create") {
    const text = isReplaced(want.self) ? undefined : await readKept(host, fileOf(want));
    return text === undefined ? undefined : keptSchema.parse(JSON.parse(text));
  }
  const kept = keptSchema.safeParse(JSON.parse((await readOwn(host, fileOf(want))) ?? "null")).data;
  const isSame = kept?.identity.key === run.before?.key && kept?.identity.hostKey === run.before?.hostKey;
  return isSame ? kept : undefined;
}

/** The identity that the state has, where its certificate needs no other: only what is kept of it was missing. */
function signedFor(names: Names, before: Partial<IdentityOutputs> = {}): Identity | undefined {
  const identity = identitySchema.safeParse(before).data;
  const digests = digestsSchema.safeParse(Reflect.get(before, DIGESTS)).data;
  if (identity === undefined || digests === undefined || endsSoon(identity)) return undefined;
  const isSame = Object.entries(names).every(([name, value]) => digests[name] === digestOfValue(value));
  return isSame ? identity : undefined;
}

const digestsSchema = z.record(z.string(), z.string());

async function make(want: IdentityInputs, before: Partial<IdentityOutputs>): Promise<IdentityOutputs> {
  const { key = makeKey(), hostKey, hostKeyPublic } = before;
  const host =
    hostKey === undefined || hostKeyPublic === undefined
      ? makeKeyPair(want.node)
      : { privateKey: hostKey, publicKey: hostKeyPublic };
  const { cert, expires } = await signCertificate(want, key);
  return { cert, key, hostKey: host.privateKey, hostKeyPublic: withoutComment(host.publicKey), expires };
}

function makeKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "sec1", format: "pem" }).toString();
}

function withoutComment(line: string): string {
  return line.split(" ", 2).join(" ");
}

/** Whether it is still kept; what is missing is written again by the next update. A host that is silent says nothing of it: what was known stays. */
export async function read(want: StoredIdentity, run: Run<IdentityOutputs>): Promise<IdentityOutputs> {
  const identity = identitySchema.parse(run.before);
  if (want.host === undefined) return identity;
  const host = await connections.get(want.host, { signal: run.signal }).catch(() => run.signal.throwIfAborted());
  if (host === undefined) return run.before?.kept === false ? { ...identity, kept: false } : identity;
  if (await isKept(host, fileOf(want))) return identity;
  run.warn(`${want.host.name}: certificate and keys of ${want.node} are not kept there. \`pulumi up\` mends it.`);
  return { ...identity, kept: false };
}

/**
 * What is kept of it goes, too. A provisioning host that is gone holds nobody up: what is left there is sealed. The machine itself
 * was let go before; one that is registered still is in no state, as after a run that was killed. It is not to lose its keys.
 */
export async function remove(want: StoredIdentity, run: Run<IdentityOutputs>): Promise<void> {
  if (want.host === undefined) return;
  try {
    const host = await connections.get(want.host, { signal: run.signal });
    if (!isReplaced(want.self) && (await isRegistered(host, want))) return run.warn(notLetGo(want));
    await removeKept(host, fileOf(want));
  } catch {
    run.signal.throwIfAborted();
  }
}

async function isRegistered(host: SshSession, { cluster, node }: StoredIdentity): Promise<boolean> {
  return (await host.readFile(dhcpHostPath(rootOf(cluster), node))) !== undefined;
}

function notLetGo({ node, host }: StoredIdentity): string {
  return `${node} is registered on the ${host?.name} still, and in no state: a run that was killed has left it as it is now. To let it go, declare it again as it was, run \`pulumi up\`, and take it out then; its keys are kept for that.`;
}
