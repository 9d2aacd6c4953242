import { generateKeyPairSync } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { makeKeyPair } from "../../drivers/ssh/key-pair.js";
import type { SshSession } from "../../drivers/ssh/target.js";
import { type KeptFile, readKept, removeKept, writeKept } from "../cluster-keys/kept-file.js";
import { connections } from "../runtime/connections.js";
import type { Run } from "../runtime/lifecycle.js";
import { signCertificate } from "./certificate.js";
import { isReplaced } from "./known.js";
import { endsSoon } from "./renewal.js";
import { type IdentityInputs, type IdentityOutputs, inputsSchema, type StoredIdentity } from "./schema.js";

/** An identity as it is kept on the provisioning host, with what its certificate was signed for. */
const keptSchema = z.object({
  identity: z.object({
    cert: z.string(),
    key: z.string(),
    hostKey: z.string(),
    hostKeyPublic: z.string(),
    expires: z.string(),
  }),
  names: inputsSchema.pick({ dnsNames: true, ipAddresses: true, ca: true }),
});

/**
 * Makes keys once, and a certificate whenever names, CA or time ask for another. A replacement makes new keys. Those of a
 * machine that a stack does not know, because its state was lost, are those that are kept.
 */
export async function converge(want: IdentityInputs, run: Run<IdentityOutputs>): Promise<IdentityOutputs> {
  const host = want.host === undefined ? undefined : await connections.get(want.host, { signal: run.signal });
  const names = { dnsNames: want.dnsNames, ipAddresses: want.ipAddresses, ca: want.ca };
  const lost = host !== undefined && run.operation === "create" && !isReplaced(want.self);
  const kept = lost ? await found(host, want) : undefined;
  if (kept !== undefined && isDeepStrictEqual(kept.names, names) && !endsSoon(kept.identity)) return kept.identity;
  const identity = await make(want, kept?.identity ?? run.before ?? {});
  if (host !== undefined) await writeKept(host, fileOf(want), JSON.stringify({ identity, names }));
  return identity;
}

/** The CA's key is kept as well, and is all that it takes to open this. */
function fileOf({ cluster, node, caKey }: Pick<IdentityInputs, "cluster" | "node"> & { caKey?: string }): KeptFile {
  return { cluster, name: node, secret: caKey ?? "" };
}

async function found(host: SshSession, want: IdentityInputs): Promise<z.infer<typeof keptSchema> | undefined> {
  const text = await readKept(host, fileOf(want));
  return text === undefined ? undefined : keptSchema.parse(JSON.parse(text));
}

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

/** What is kept of it goes, too. A provisioning host that is gone holds nobody up: what is left there is sealed. */
export async function remove(want: StoredIdentity, run: Run<IdentityOutputs>): Promise<void> {
  if (want.host === undefined) return;
  try {
    await removeKept(await connections.get(want.host, { signal: run.signal }), fileOf(want));
  } catch {
    run.signal.throwIfAborted();
  }
}
