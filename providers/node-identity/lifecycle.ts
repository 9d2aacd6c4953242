import { generateKeyPairSync } from "node:crypto";
import { makeKeyPair } from "../../drivers/ssh/key-pair.js";
import { defineLifecycle, type Run } from "../runtime/lifecycle.js";
import {
  type IdentityInputs,
  type IdentityOutputs,
  inputsSchema,
  type StoredIdentity,
  storedSchema,
} from "./schema.js";

/** A certificate that ends within half a year is made anew by the next `pulumi up`. */
const RENEW_MS = 183 * 86_400_000;

/** Makes keys once, and a certificate whenever names, CA or time ask for another. A replacement makes new keys. */
async function converge(want: IdentityInputs, run: Run<IdentityOutputs>): Promise<IdentityOutputs> {
  // Loaded when a certificate is made: a preview needs none.
  const { signCertificate } = await import("./certificate.js");
  const { key = makeKey(), hostKey, hostKeyPublic } = run.before ?? {};
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

function endsSoon({ expires }: Partial<IdentityOutputs>): boolean {
  return expires !== undefined && Date.parse(expires) - Date.now() < RENEW_MS;
}

export const lifecycle = defineLifecycle<IdentityInputs, IdentityOutputs, StoredIdentity>({
  type: "NodeIdentity",
  inputs: inputsSchema,
  stored: storedSchema,
  shared: ["ca", "caKey"],
  id: (want) => `${want.cluster}/${want.node}`,
  secrets: (want) => ("caKey" in want ? [want.caKey] : []),
  replaceOn: ["cluster", "node"],
  // A new CA has a new certificate, which is compared.
  ignore: ["caKey"],
  unfinished: endsSoon,
  converge,
  // Nothing is left of it anywhere.
  remove: async () => {},
});
