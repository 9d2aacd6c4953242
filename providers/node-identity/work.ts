import { generateKeyPairSync } from "node:crypto";
import { makeKeyPair } from "../../drivers/ssh/key-pair.js";
import type { Run } from "../runtime/lifecycle.js";
import { signCertificate } from "./certificate.js";
import type { IdentityInputs, IdentityOutputs } from "./schema.js";

/** Makes keys once, and a certificate whenever names, CA or time ask for another. A replacement makes new keys. */
export async function converge(want: IdentityInputs, run: Run<IdentityOutputs>): Promise<IdentityOutputs> {
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

/** Nothing is left of it anywhere. */
export async function remove(): Promise<void> {}
