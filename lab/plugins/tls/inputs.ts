import { isIP } from "node:net";
import { z } from "zod";
import { isUse } from "./uses.js";

/** A distinguished name, as the tls package spells its parts. */
const subject = z.object({
  commonName: z.string().optional(),
  country: z.string().optional(),
  emailAddress: z.string().optional(),
  locality: z.string().optional(),
  organization: z.string().optional(),
  organizationalUnit: z.string().optional(),
  postalCode: z.string().optional(),
  province: z.string().optional(),
  serialNumber: z.string().optional(),
  streetAddresses: z.array(z.string()).optional(),
});

/** What becomes a certificate's alternative names. */
const alternativeNames = {
  dnsNames: z.array(z.string()).optional(),
  ipAddresses: z.array(z.string().refine((text) => isIP(text) !== 0, "not an IP address")).optional(),
  uris: z.array(z.url()).optional(),
};

/** What self-signed and locally signed certificates share. */
const certificate = {
  allowedUses: z.array(
    z.string().refine(isUse, { error: (issue) => `${JSON.stringify(issue.input)} is not a use of a key` }),
  ),
  validityPeriodHours: z.number().int().min(0),
  earlyRenewalHours: z.number().int().min(0),
  isCaCertificate: z.boolean(),
  maxPathLength: z.number().int().min(-1).optional(),
  setSubjectKeyId: z.boolean(),
};

/** The inputs of each resource: imported when there is something to parse. */
export const inputs = {
  privateKey: z.object({
    algorithm: z.enum(["RSA", "ECDSA", "ED25519"]),
    ecdsaCurve: z.enum(["P224", "P256", "P384", "P521"]),
    rsaBits: z.number().int().min(1024),
  }),
  certRequest: z.object({ privateKeyPem: z.string(), subject: subject.optional(), ...alternativeNames }),
  selfSignedCert: z.object({
    privateKeyPem: z.string(),
    subject: subject.optional(),
    setAuthorityKeyId: z.boolean(),
    ...alternativeNames,
    ...certificate,
  }),
  locallySignedCert: z.object({
    caCertPem: z.string(),
    caPrivateKeyPem: z.string(),
    certRequestPem: z.string(),
    ...certificate,
  }),
};

export type PrivateKeyInputs = z.infer<typeof inputs.privateKey>;
export type Subject = z.infer<typeof subject>;
export type AlternativeNames = z.infer<z.ZodObject<typeof alternativeNames>>;
export type CertificateInputs = z.infer<z.ZodObject<typeof certificate>>;
