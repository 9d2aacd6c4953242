import "reflect-metadata"; // @peculiar/x509 needs it to be there first
import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { IdentityInputs } from "./schema.js";

const DAY_MS = 86_400_000;
const VALID_MS = 5 * 365 * DAY_MS;
/** Machines whose clock is a little late must not refuse a certificate that was just made. */
const EARLIER_MS = DAY_MS / 24;

const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/**
 * Signs a machine's certificate (RFC 5280): server to the operator and to users, client of the other members, since raft
 * peers are both. `key` is the PEM of its P-256 key; the CA's key is one as well.
 */
export async function signCertificate(
  want: IdentityInputs,
  key: string,
  now = new Date(),
): Promise<{ cert: string; expires: string }> {
  const ca = new x509.X509Certificate(want.ca);
  const publicKey = await webcrypto.subtle.importKey(
    "spki",
    createPublicKey(createPrivateKey(key)).export({ type: "spki", format: "der" }),
    ECDSA,
    true,
    ["verify"],
  );
  const signingKey = await webcrypto.subtle.importKey(
    "pkcs8",
    createPrivateKey(want.caKey).export({ type: "pkcs8", format: "der" }),
    ECDSA,
    false,
    ["sign"],
  );
  const notAfter = new Date(Math.min(now.getTime() + VALID_MS, ca.notAfter.getTime()));
  const serial = randomBytes(16);
  serial[0] = (serial[0] ?? 0) & 0x7f; // positive in DER
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serial.toString("hex"),
      subject: new x509.Name([{ O: [`flint ${want.cluster}`] }, { CN: [want.node] }]),
      issuer: ca.subjectName,
      notBefore: new Date(now.getTime() - EARLIER_MS),
      notAfter,
      publicKey,
      signingKey,
      signingAlgorithm: ECDSA,
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
        new x509.BasicConstraintsExtension(false, undefined, true),
        await x509.AuthorityKeyIdentifierExtension.create(ca),
        new x509.SubjectAlternativeNameExtension([
          ...want.dnsNames.map((value) => ({ type: "dns" as const, value })),
          ...want.ipAddresses.map((value) => ({ type: "ip" as const, value })),
        ]),
      ],
    },
    webcrypto as Parameters<typeof x509.X509CertificateGenerator.create>[1],
  );
  return { cert: `${certificate.toString("pem")}\n`, expires: notAfter.toISOString() };
}
