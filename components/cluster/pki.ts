import type * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

const YEAR = 365 * 24;

export interface ClusterPki {
  ca: pulumi.Output<string>;
  /** PEM of the CA's key. Signs the machines' certificates. */
  caKey: pulumi.Output<string>;
  /** Client certificate for the services' admin API. */
  operator: { cert: pulumi.Output<string>; key: pulumi.Output<string> };
  /** Lets Flint into installers and installed systems. */
  loginKey: { privateKey: pulumi.Output<string>; publicKey: pulumi.Output<string> };
  /** The first of its resources that is there. */
  first: pulumi.Resource;
}

/**
 * The cluster's certificate authority and the operator's keys. Keys live in the stack's encrypted state. Each is a resource
 * of its own, so that rotating one is replacing it. The machines' are in NodeIdentity.
 */
export function clusterPki(cluster: string, prefix: string, options: pulumi.CustomResourceOptions): ClusterPki {
  const organization = `flint ${cluster}`;
  const caKey = new tls.PrivateKey(`${prefix}ca-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, options);
  const ca = new tls.SelfSignedCert(
    `${prefix}ca`,
    {
      privateKeyPem: caKey.privateKeyPem,
      subject: { commonName: `${cluster} cluster CA`, organization },
      isCaCertificate: true,
      setSubjectKeyId: true,
      allowedUses: ["cert_signing", "crl_signing"],
      validityPeriodHours: 10 * YEAR,
    },
    options,
  );

  const key = new tls.PrivateKey(`${prefix}operator-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, options);
  const request = new tls.CertRequest(
    `${prefix}operator-request`,
    { privateKeyPem: key.privateKeyPem, subject: { commonName: "flint-operator", organization } },
    options,
  );
  const certificate = new tls.LocallySignedCert(
    `${prefix}operator-cert`,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: ca.certPem,
      caPrivateKeyPem: caKey.privateKeyPem,
      allowedUses: ["digital_signature", "client_auth"],
      setSubjectKeyId: true,
      validityPeriodHours: 5 * YEAR,
    },
    options,
  );

  const login = new tls.PrivateKey(`${prefix}login-key`, { algorithm: "ED25519" }, options);
  return {
    ca: ca.certPem,
    caKey: caKey.privateKeyPem,
    operator: { cert: certificate.certPem, key: key.privateKeyPem },
    loginKey: { privateKey: login.privateKeyOpenssh, publicKey: trimmed(login.publicKeyOpenssh) },
    first: login,
  };
}

/** The provider ends public keys with a line break, which does not belong into a list of keys. */
function trimmed(text: pulumi.Output<string>): pulumi.Output<string> {
  return text.apply((line) => line.trim());
}
