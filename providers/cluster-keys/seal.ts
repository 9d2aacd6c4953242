import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { z } from "zod";
import { type HostTarget, isLocal } from "../../drivers/ssh/target.js";

/** A sealed text as it is written to a file: AES-256-GCM. */
const sealedSchema = z.object({
  version: z.literal(1),
  /** Says which key opens it, and nothing else about that key. */
  sealedBy: z.string(),
  nonce: z.string(),
  tag: z.string(),
  data: z.string(),
});

const NONCE_BYTES = 12;
const derived = (secret: string, use: string, bytes: number) =>
  // A text editor's line ends make no other key of it.
  Buffer.from(hkdfSync("sha256", secret.replaceAll("\r\n", "\n").trim(), "flint", use, bytes));

/** Names the key that opens what `seal` seals with this secret. */
export function sealId(secret: string): string {
  return derived(secret, "name of the seal", 9).toString("base64url");
}

/** @param secret What opens it: long and random, as a private key is. @param subject What it is about; needed to open it. */
export function seal(secret: string, subject: string, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", derived(secret, "seal", 32), nonce).setAAD(Buffer.from(subject));
  const data = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  const [base64, tag] = [(bytes: Buffer) => bytes.toString("base64"), cipher.getAuthTag()];
  return `${JSON.stringify({ version: 1, sealedBy: sealId(secret), nonce: base64(nonce), tag: base64(tag), data: base64(data) })}\n`;
}

/** What was sealed; or why it cannot be opened. */
export type Opened = { text: string } | { sealedBy: string } | "damaged";

export function open(secret: string, subject: string, content: string): Opened {
  const bytes = (text: string) => Buffer.from(text, "base64");
  try {
    const { sealedBy, nonce, tag, data } = sealedSchema.parse(JSON.parse(content));
    if (sealedBy !== sealId(secret)) return { sealedBy };
    const decipher = createDecipheriv("aes-256-gcm", derived(secret, "seal", 32), bytes(nonce), { authTagLength: 16 })
      .setAAD(Buffer.from(subject))
      .setAuthTag(bytes(tag));
    return { text: Buffer.concat([decipher.update(bytes(data)), decipher.final()]).toString("utf8") };
  } catch {
    return "damaged";
  }
}

/**
 * Seals nothing: a file of this form that only root may read. On the machine that Flint runs on, root can open the stack's
 * state as well, and there is no login key.
 */
export const LOCAL_SEAL = "local";

/** What seals the keys that are kept on a host: the key with which Flint logs in to it. */
export function sealingSecret(host: HostTarget): string {
  return isLocal(host) ? LOCAL_SEAL : host.privateKey;
}
