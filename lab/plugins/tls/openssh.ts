import { createHash, type JsonWebKey, type KeyObject, randomBytes } from "node:crypto";
import { pem } from "./pem.js";

/** A key in OpenSSH's forms: the private file, the authorized_keys line, and the fingerprints. */
export interface OpensshKey {
  privateKey: string;
  publicKey: string;
  fingerprintMd5: string;
  fingerprintSha256: string;
}

const curves: Record<string, string> = { "P-256": "nistp256", "P-384": "nistp384", "P-521": "nistp521" };

/** The key as OpenSSH has it, or undefined for a kind that OpenSSH does not know (the curve P-224). */
export function toOpenssh(key: KeyObject): OpensshKey | undefined {
  const parts = keyParts(key);
  if (parts === undefined) return undefined;
  const publicBlob = Buffer.concat([string(parts.type), ...parts.public]);
  return {
    privateKey: pem("OPENSSH PRIVATE KEY", privateFile(parts, publicBlob)),
    publicKey: `${parts.type} ${publicBlob.toString("base64")}\n`,
    fingerprintMd5: createHash("md5")
      .update(publicBlob)
      .digest("hex")
      .replace(/..(?=.)/g, "$&:"),
    fingerprintSha256: `SHA256:${createHash("sha256").update(publicBlob).digest("base64").replace(/=+$/, "")}`,
  };
}

interface KeyParts {
  type: string;
  public: Buffer[];
  private: Buffer[];
}

function keyParts(key: KeyObject): KeyParts | undefined {
  if (key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "secp224r1") return undefined;
  const jwk = key.export({ format: "jwk" });
  if (jwk.kty === "OKP") {
    const [seed, point] = [bytes(jwk, "d"), bytes(jwk, "x")];
    return {
      type: "ssh-ed25519",
      public: [string(point)],
      private: [string(point), string(Buffer.concat([seed, point]))],
    };
  }
  if (jwk.kty === "EC") {
    const curve = curves[jwk.crv ?? ""];
    if (curve === undefined) return undefined;
    const point = string(Buffer.concat([Buffer.from([4]), bytes(jwk, "x"), bytes(jwk, "y")]));
    return {
      type: `ecdsa-sha2-${curve}`,
      public: [string(curve), point],
      private: [string(curve), point, mpint(bytes(jwk, "d"))],
    };
  }
  const [n, e, d, qi, p, q] = (["n", "e", "d", "qi", "p", "q"] as const).map((name) => mpint(bytes(jwk, name)));
  if (!n || !e || !d || !qi || !p || !q) return undefined;
  return { type: "ssh-rsa", public: [e, n], private: [n, e, d, qi, p, q] };
}

/** OpenSSH's PROTOCOL.key, without a passphrase and without a comment. */
function privateFile(parts: KeyParts, publicBlob: Buffer): Buffer {
  const check = randomBytes(4);
  const section = Buffer.concat([check, check, string(parts.type), ...parts.private, string("")]);
  const padding = Buffer.from(Array.from({ length: (8 - (section.length % 8)) % 8 }, (_, at) => at + 1));
  return Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    string("none"),
    string("none"),
    string(""),
    Buffer.from([0, 0, 0, 1]),
    string(publicBlob),
    string(Buffer.concat([section, padding])),
  ]);
}

function bytes(jwk: JsonWebKey, name: "n" | "e" | "d" | "qi" | "p" | "q" | "x" | "y"): Buffer {
  return Buffer.from(jwk[name] ?? "", "base64url");
}

function string(value: string | Buffer): Buffer {
  const content = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

/** RFC 4251: no superfluous leading zero bytes, but one where the number would look negative. */
function mpint(value: Buffer): Buffer {
  const first = value.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.alloc(0) : value.subarray(first);
  return string((digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}
