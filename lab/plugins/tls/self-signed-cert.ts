import { defineResource } from "../resource.js";
import { toGeneralNames } from "./alternative-names.js";
import { certificateDefaults, certificateReplaceOn, issueCertificate, readyForRenewal } from "./certificate.js";
import { loadX509 } from "./load-x509.js";
import { readSigningKey, subjectKeyId } from "./signing-key.js";
import { toName } from "./subject.js";

/** tls.SelfSignedCert: a certificate signed by its own key, usually a CA's. */
export const selfSignedCert = defineResource({
  type: "tls:index/selfSignedCert:SelfSignedCert",
  inputs: async () => (await import("./inputs.js")).inputs.selfSignedCert,
  defaults: { ...certificateDefaults, setAuthorityKeyId: false },
  replaceOn: [
    ...certificateReplaceOn,
    "privateKeyPem",
    "subject",
    "dnsNames",
    "ipAddresses",
    "uris",
    "setAuthorityKeyId",
  ],
  updateOn: ["earlyRenewalHours"],
  refused: ["privateKeyPemWo", "privateKeyPemWoVersion"],
  secretOutputs: ["privateKeyPem"],
  expired: readyForRenewal,
  async create(want) {
    const x509 = await loadX509();
    const signer = readSigningKey(want.privateKeyPem);
    const publicKey = await x509.PublicKey.create(signer.keys.publicKey);
    const hasKeyId = want.isCaCertificate || want.setSubjectKeyId;
    if (want.setAuthorityKeyId && !hasKeyId) throw new Error("Could not determine Authority Key Identifier");
    const name = new x509.Name(toName(want.subject));
    const names = toGeneralNames(want);
    const { id, outputs } = await issueCertificate(want, {
      subject: name,
      issuer: name,
      publicKey,
      signer,
      // RFC 5280: where there is no subject, the alternative names are critical.
      alternativeNames:
        names.length === 0 ? undefined : new x509.SubjectAlternativeNameExtension(names, name.toString() === ""),
      authorityKeyId: want.setAuthorityKeyId ? subjectKeyId(publicKey.rawData) : undefined,
    });
    return { id, outputs: { ...outputs, keyAlgorithm: signer.algorithm } };
  },
});
