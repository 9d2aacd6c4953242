import { randomBytes } from "node:crypto";
import type * as X509 from "@peculiar/x509";
import type { Properties } from "../values.js";
import type { CertificateInputs } from "./inputs.js";
import { loadX509 } from "./load-x509.js";
import { type SigningKey, subjectKeyId } from "./signing-key.js";
import { extendedUsageIds, isUse, keyUsageBits } from "./uses.js";

const HOUR_MS = 3_600_000;

export const certificateDefaults: Properties = { earlyRenewalHours: 0, isCaCertificate: false, setSubjectKeyId: false };

/** Inputs of both kinds of certificate whose change makes a new one. */
export const certificateReplaceOn = [
  "allowedUses",
  "validityPeriodHours",
  "isCaCertificate",
  "maxPathLength",
  "setSubjectKeyId",
];

/** What is certified, and by whom. */
export interface Issue {
  subject: X509.Name;
  alternativeNames: X509.SubjectAlternativeNameExtension | undefined;
  publicKey: X509.PublicKey;
  issuer: X509.Name;
  authorityKeyId: string | undefined;
  signer: SigningKey;
}

/** Signs a certificate with the extensions that the vendor's plugin gives it. */
export async function issueCertificate(
  want: CertificateInputs,
  issue: Issue,
): Promise<{ id: string; outputs: Properties }> {
  if (want.isCaCertificate && issue.subject.toString() === "") {
    throw new Error("Must contain at least one Distinguished Name when creating Certificate Authority (CA)");
  }
  const x509 = await loadX509();
  const serial = randomBytes(16);
  serial[0] = (serial[0] ?? 0) & 0x7f; // positive in DER
  const start = new Date(Math.floor(Date.now() / 1000) * 1000);
  const end = new Date(start.getTime() + want.validityPeriodHours * HOUR_MS);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial.toString("hex"),
    subject: issue.subject,
    issuer: issue.issuer,
    notBefore: start,
    notAfter: end,
    publicKey: issue.publicKey,
    signingKey: issue.signer.keys.privateKey,
    signingAlgorithm: issue.signer.signing,
    extensions: extensions(x509, want, issue),
  });
  return {
    id: BigInt(`0x${serial.toString("hex")}`).toString(),
    outputs: {
      certPem: `${certificate.toString("pem")}\n`,
      validityStartTime: start.toISOString(),
      validityEndTime: end.toISOString(),
      readyForRenewal: false,
    },
  };
}

/** "readyForRenewal" once the time for an early renewal has come: the vendor's plugin then replaces the certificate. */
export function readyForRenewal(outputs: Properties, inputs: Properties): string | undefined {
  const early = typeof inputs.earlyRenewalHours === "number" ? inputs.earlyRenewalHours : 0;
  const end = Date.parse(String(outputs.validityEndTime));
  return end - early * HOUR_MS <= Date.now() ? "readyForRenewal" : undefined;
}

function extensions(x509: typeof X509, want: CertificateInputs, issue: Issue): X509.Extension[] {
  const uses = want.allowedUses.filter(isUse);
  const [bits, ids] = [keyUsageBits(uses), extendedUsageIds(uses)];
  const list: X509.Extension[] = [];
  if (bits !== 0) list.push(new x509.KeyUsagesExtension(bits, true));
  if (ids.length > 0) list.push(new x509.ExtendedKeyUsageExtension(ids));
  // 0 means "no limit" in the vendor's plugin, too: it passes Go's zero value on.
  const pathLength = want.isCaCertificate && (want.maxPathLength ?? 0) > 0 ? want.maxPathLength : undefined;
  list.push(new x509.BasicConstraintsExtension(want.isCaCertificate, pathLength, true));
  if (want.isCaCertificate || want.setSubjectKeyId) {
    list.push(new x509.SubjectKeyIdentifierExtension(subjectKeyId(issue.publicKey.rawData)));
  }
  if (issue.authorityKeyId !== undefined) list.push(new x509.AuthorityKeyIdentifierExtension(issue.authorityKeyId));
  if (issue.alternativeNames !== undefined) list.push(issue.alternativeNames);
  return list;
}
