import { createHash } from "node:crypto";
import { FlintError } from "../../foundation/errors.js";
import type { SshTarget } from "./target.js";

/** A host's public key: its type and the bytes that the host shows during the key exchange (RFC 4253, section 6.6). */
export interface HostKey {
  type: string;
  blob: Buffer;
}

/** `SHA256:…` as `ssh-keygen -l` prints it: base64 without padding. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** Reads OpenSSH's one-line form, `type base64 [comment]`. Undefined when it is something else. */
export function parseHostKey(line: string): HostKey | undefined {
  const [type, encoded] = line.trim().split(/\s+/);
  if (type === undefined || encoded === undefined || !/^[A-Za-z0-9+/]+=*$/.test(encoded)) return undefined;
  const blob = Buffer.from(encoded, "base64");
  return keyType(blob) === type ? { type, blob } : undefined;
}

/** The type that a key blob says of itself. */
export function keyType(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  return blob.length < 4 + length ? undefined : blob.toString("latin1", 4, 4 + length);
}

/**
 * The host keys that a target pins.
 * @throws FlintError `SSH_HOST_KEY_UNKNOWN` when it pins none, or one that cannot be read: nothing is trusted on first use.
 */
export function pinnedKeys(target: SshTarget): HostKey[] {
  if (target.hostKeys.length === 0) throw unknownHostKey(target, "none");
  return target.hostKeys.map((line) => {
    const key = parseHostKey(line);
    if (key === undefined) throw unknownHostKey(target, `"${line.slice(0, 60)}"`);
    return key;
  });
}

function unknownHostKey(target: SshTarget, found: string): FlintError {
  return new FlintError("SSH_HOST_KEY_UNKNOWN", {
    subject: `${target.name}, pinned host key`,
    expected: "an OpenSSH public key line (ssh-ed25519 AAAA…)",
    found,
    remedy: `Declare the line of /etc/ssh/ssh_host_ed25519_key.pub as read on ${target.name} itself.`,
  });
}

/**
 * Signature algorithms to offer, those of the pinned keys first: a host with several keys shows the one that can be
 * checked, and a host with only other keys still shows one, so that the error can name it.
 */
export function hostKeyAlgorithms(keys: readonly HostKey[]): string[] {
  const byType: Record<string, string[]> = { "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"] };
  const pinned = keys.flatMap((key) => byType[key.type] ?? [key.type]);
  return [...new Set([...pinned, ...SUPPORTED])].filter((algorithm) => SUPPORTED.includes(algorithm));
}

const SUPPORTED = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];
