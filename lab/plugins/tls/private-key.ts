import { createHash, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { defineResource } from "../resource.js";
import type { PrivateKeyInputs } from "./inputs.js";
import { toOpenssh } from "./openssh.js";
import { pem } from "./pem.js";

const generate = promisify(generateKeyPair);
const curves = { P224: "secp224r1", P256: "prime256v1", P384: "secp384r1", P521: "secp521r1" } as const;

/** tls.PrivateKey: a key that lives in the state only. Every change makes a new one. */
export const privateKey = defineResource({
  type: "tls:index/privateKey:PrivateKey",
  inputs: async () => (await import("./inputs.js")).inputs.privateKey,
  defaults: { ecdsaCurve: "P224", rsaBits: 2048 },
  replaceOn: ["algorithm", "ecdsaCurve", "rsaBits"],
  updateOn: [],
  secretOutputs: ["privateKeyPem", "privateKeyOpenssh", "privateKeyPemPkcs8"],
  async create(want) {
    const key = await generateKey(want);
    const publicKey = createPublicKey(key);
    const spki = publicKey.export({ type: "spki", format: "der" });
    const openssh = toOpenssh(key);
    return {
      id: createHash("sha1").update(spki).digest("hex"),
      outputs: {
        privateKeyPem: traditionalPem(key),
        privateKeyPemPkcs8: pkcs8Pem(key),
        privateKeyOpenssh: openssh?.privateKey ?? "",
        publicKeyPem: pem("PUBLIC KEY", spki),
        publicKeyOpenssh: openssh?.publicKey ?? "",
        publicKeyFingerprintMd5: openssh?.fingerprintMd5 ?? "",
        publicKeyFingerprintSha256: openssh?.fingerprintSha256 ?? "",
      },
    };
  },
});

async function generateKey(want: PrivateKeyInputs): Promise<KeyObject> {
  switch (want.algorithm) {
    case "RSA":
      return (await generate("rsa", { modulusLength: want.rsaBits })).privateKey;
    case "ECDSA":
      return (await generate("ec", { namedCurve: curves[want.ecdsaCurve] })).privateKey;
    case "ED25519":
      return (await generate("ed25519", {})).privateKey;
  }
}

/** PKCS#1 and SEC 1 where the algorithm has such a form; Ed25519 has PKCS#8 only. */
function traditionalPem(key: KeyObject): string {
  if (key.asymmetricKeyType === "rsa") return pem("RSA PRIVATE KEY", key.export({ type: "pkcs1", format: "der" }));
  if (key.asymmetricKeyType === "ec") return pem("EC PRIVATE KEY", key.export({ type: "sec1", format: "der" }));
  return pkcs8Pem(key);
}

const pkcs8Pem = (key: KeyObject) => pem("PRIVATE KEY", key.export({ type: "pkcs8", format: "der" }));
