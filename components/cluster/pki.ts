import type * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { NodePlan } from "./plan.js";

const YEAR = 365 * 24;

/** A certificate with its key, and the CA that signed it. */
export interface Identity {
  cert: pulumi.Output<string>;
  key: pulumi.Output<string>;
}

export interface ClusterPki {
  ca: pulumi.Output<string>;
  /** Client certificate for the services' admin API. */
  operator: Identity;
  /** Lets Flint into installers and installed systems. */
  loginKey: { privateKey: pulumi.Output<string>; publicKey: pulumi.Output<string> };
  /** The certificate and the ssh host key of one machine. Made before the machine is installed, so that both can be pinned. */
  node(plan: NodePlan): NodeMaterial;
}

export interface NodeMaterial extends Identity {
  ca: pulumi.Output<string>;
  hostKey: pulumi.Output<string>;
  hostKeyPublic: pulumi.Output<string>;
}

/**
 * The cluster's certificate authority and what it signs. Keys live in the stack's encrypted state. Certificates are
 * valid for years and renewed by nothing yet; every one is a resource of its own, so that rotating one is replacing it.
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

  const sign = (
    name: string,
    uses: string[],
    names: { commonName: string; dnsNames?: string[]; ipAddresses?: string[] },
  ): Identity => {
    const key = new tls.PrivateKey(`${prefix}${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, options);
    const { commonName, ...alternative } = names;
    const request = new tls.CertRequest(
      `${prefix}${name}-request`,
      { privateKeyPem: key.privateKeyPem, subject: { commonName, organization }, ...alternative },
      options,
    );
    const certificate = new tls.LocallySignedCert(
      `${prefix}${name}-cert`,
      {
        certRequestPem: request.certRequestPem,
        caCertPem: ca.certPem,
        caPrivateKeyPem: caKey.privateKeyPem,
        allowedUses: ["digital_signature", ...uses],
        setSubjectKeyId: true,
        validityPeriodHours: 5 * YEAR,
      },
      options,
    );
    return { cert: certificate.certPem, key: key.privateKeyPem };
  };

  const login = new tls.PrivateKey(`${prefix}login-key`, { algorithm: "ED25519" }, options);
  return {
    ca: ca.certPem,
    operator: sign("operator", ["client_auth"], { commonName: "flint-operator" }),
    loginKey: { privateKey: login.privateKeyOpenssh, publicKey: trimmed(login.publicKeyOpenssh) },
    node(plan) {
      const hostKey = new tls.PrivateKey(`${prefix}${plan.name}-host-key`, { algorithm: "ED25519" }, options);
      // Servers to the operator and to users, clients of each other: raft peers are both.
      const identity = sign(plan.name, ["server_auth", "client_auth"], plan.certificate);
      return {
        ...identity,
        ca: ca.certPem,
        hostKey: hostKey.privateKeyOpenssh,
        hostKeyPublic: trimmed(hostKey.publicKeyOpenssh),
      };
    },
  };
}

/** The provider ends public keys with a line break, which does not belong into a list of keys. */
function trimmed(text: pulumi.Output<string>): pulumi.Output<string> {
  return text.apply((line) => line.trim());
}
