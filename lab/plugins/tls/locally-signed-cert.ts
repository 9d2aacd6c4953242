import { defineResource } from "../resource.js";
import { certificateDefaults, certificateReplaceOn, issueCertificate, readyForRenewal } from "./certificate.js";
import { loadX509 } from "./load-x509.js";
import { readSigningKey } from "./signing-key.js";

/** tls.LocallySignedCert: a certificate for a request, signed by a CA whose key is at hand. */
export const locallySignedCert = defineResource({
  type: "tls:index/locallySignedCert:LocallySignedCert",
  inputs: async () => (await import("./inputs.js")).inputs.locallySignedCert,
  defaults: certificateDefaults,
  replaceOn: [...certificateReplaceOn, "caCertPem", "caPrivateKeyPem", "certRequestPem"],
  updateOn: ["earlyRenewalHours"],
  refused: ["caPrivateKeyPemWo", "caPrivateKeyPemWoVersion"],
  secretOutputs: ["caPrivateKeyPem"],
  expired: readyForRenewal,
  async create(want, call) {
    const x509 = await loadX509();
    const ca = new x509.X509Certificate(want.caCertPem);
    if (ca.getExtension(x509.BasicConstraintsExtension)?.ca !== true) {
      call.warn("Certificate provided as Authority does not appear to be a valid Certificate Authority.");
    }
    const request = new x509.Pkcs10CertificateRequest(want.certRequestPem);
    const signer = readSigningKey(want.caPrivateKeyPem);
    const names = request.getExtension("2.5.29.17");
    const { id, outputs } = await issueCertificate(want, {
      subject: request.subjectName,
      issuer: ca.subjectName,
      publicKey: request.publicKey,
      signer,
      // RFC 5280: where there is no subject, the alternative names are critical.
      alternativeNames:
        names instanceof x509.SubjectAlternativeNameExtension
          ? new x509.SubjectAlternativeNameExtension(names.names.toJSON(), request.subject === "")
          : undefined,
      authorityKeyId: ca.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
    });
    return { id, outputs: { ...outputs, caKeyAlgorithm: signer.algorithm } };
  },
});
