import { createHash, createPrivateKey, createPublicKey, type KeyObject, type webcrypto } from "node:crypto";

/** A private key ready to sign certificates, and what certificates say about it. */
export interface SigningKey {
  /** As the tls package names it: RSA, ECDSA or ED25519. */
  algorithm: "RSA" | "ECDSA" | "ED25519";
  /** Web Crypto's description of the signature, the hash that Go's crypto/x509 takes for this key. */
  signing: { name: string; hash?: string };
  keys: webcrypto.CryptoKeyPair;
}

const curves: Record<string, { namedCurve: string; hash: string }> = {
  prime256v1: { namedCurve: "P-256", hash: "SHA-256" },
  secp384r1: { namedCurve: "P-384", hash: "SHA-384" },
  secp521r1: { namedCurve: "P-521", hash: "SHA-512" },
};

/** Reads a PEM (PKCS#1, SEC 1 or PKCS#8). @throws Error for the curve P-224, which Web Crypto does not have. */
export function readSigningKey(pem: string): SigningKey {
  const key = createPrivateKey(pem);
  switch (key.asymmetricKeyType) {
    case "rsa": {
      const scheme = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
      return { algorithm: "RSA", signing: scheme, keys: pair(key, scheme) };
    }
    case "ed25519":
      return { algorithm: "ED25519", signing: { name: "Ed25519" }, keys: pair(key, { name: "Ed25519" }) };
    case "ec": {
      const curve = curves[key.asymmetricKeyDetails?.namedCurve ?? ""];
      if (curve === undefined) {
        throw new Error(
          "the stand-in tls plugin of Flint's lab cannot sign with P224. Set ecdsaCurve: P256, P384 or P521.",
        );
      }
      const keys = pair(key, { name: "ECDSA", namedCurve: curve.namedCurve });
      return { algorithm: "ECDSA", signing: { name: "ECDSA", hash: curve.hash }, keys };
    }
    default:
      throw new Error(`the private key is of type ${key.asymmetricKeyType}; RSA, ECDSA and ED25519 are supported`);
  }
}

function pair(
  key: KeyObject,
  algorithm: { name: string; hash?: string; namedCurve?: string },
): webcrypto.CryptoKeyPair {
  return {
    privateKey: key.toCryptoKey(algorithm, true, ["sign"]),
    publicKey: createPublicKey(key).toCryptoKey(algorithm, true, ["verify"]),
  };
}

/** The subject key identifier as the vendor's plugin makes it, from the public key's SPKI. */
export function subjectKeyId(spki: ArrayBuffer): string {
  const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  const sha1 = (bytes: Buffer) => createHash("sha1").update(bytes).digest("hex");
  if (key.asymmetricKeyType === "rsa") return sha1(key.export({ type: "pkcs1", format: "der" }));
  if (key.asymmetricKeyType === "ed25519") return sha1(Buffer.concat([Buffer.from([4, 32]), point(key)]));
  return sha1(point(key));
}

function point(key: KeyObject): Buffer {
  const { x = "", y } = key.export({ format: "jwk" });
  const first = Buffer.from(x, "base64url");
  return y === undefined ? first : Buffer.concat([Buffer.from([4]), first, Buffer.from(y, "base64url")]);
}
