import { createHash } from "node:crypto";
import { defineResource } from "../resource.js";
import { toGeneralNames } from "./alternative-names.js";
import { loadX509 } from "./load-x509.js";
import { readSigningKey } from "./signing-key.js";
import { toName } from "./subject.js";

/** tls.CertRequest: a PKCS#10 request for a key, with a name and alternative names. Every change makes a new one. */
export const certRequest = defineResource({
  type: "tls:index/certRequest:CertRequest",
  inputs: async () => (await import("./inputs.js")).inputs.certRequest,
  defaults: {},
  replaceOn: ["privateKeyPem", "subject", "dnsNames", "ipAddresses", "uris"],
  updateOn: [],
  refused: ["privateKeyPemWo", "privateKeyPemWoVersion"],
  secretOutputs: ["privateKeyPem"],
  async create(want) {
    const x509 = await loadX509();
    const key = readSigningKey(want.privateKeyPem);
    const names = toGeneralNames(want);
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: new x509.Name(toName(want.subject)),
      keys: key.keys,
      signingAlgorithm: key.signing,
      extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)],
    });
    const bytes = Buffer.from(request.rawData);
    return {
      id: createHash("sha1").update(bytes).digest("hex"),
      outputs: { certRequestPem: `${request.toString("pem")}\n`, keyAlgorithm: key.algorithm },
    };
  },
});
