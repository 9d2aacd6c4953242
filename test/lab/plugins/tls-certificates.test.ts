import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Resource } from "../../../lab/plugins/resource.js";
import { certRequest } from "../../../lab/plugins/tls/cert-request.js";
import { locallySignedCert } from "../../../lab/plugins/tls/locally-signed-cert.js";
import { privateKey } from "../../../lab/plugins/tls/private-key.js";
import { selfSignedCert } from "../../../lab/plugins/tls/self-signed-cert.js";
import { listeningCall, quietCall } from "./call.js";

type Outputs = Record<string, string>;

const make = async <I>(resource: Resource<I>, inputs: object, call = quietCall("it")): Promise<Outputs> => {
  const want = (await resource.inputs()).parse({ ...resource.defaults, ...inputs });
  const { id, outputs } = await resource.create(want, call);
  return { id, ...outputs } as Outputs;
};
const makeKey = async (kind: object) => (await make(privateKey, kind)).privateKeyPem ?? "";
const text = (pem: string | undefined, kind = "x509") =>
  execFileSync("openssl", [kind, "-noout", "-text"], { input: pem, encoding: "utf8" });

const subject = { commonName: "dev ca", organization: "Example" };
const caUses = ["cert_signing", "crl_signing", "digital_signature"];
const P256 = { algorithm: "ECDSA", ecdsaCurve: "P256" };

describe("the stand-in's tls certificates", () => {
  const folder = mkdtempSync(join(tmpdir(), "flint-tls-certificates-"));
  after(() => rmSync(folder, { recursive: true }));

  function verify(ca: string, certificate: string, ...options: string[]): string {
    writeFileSync(join(folder, "ca.pem"), ca);
    writeFileSync(join(folder, "cert.pem"), certificate);
    const args = ["verify", "-x509_strict", ...options, "-CAfile", join(folder, "ca.pem"), join(folder, "cert.pem")];
    const { stdout, stderr } = spawnSync("openssl", args, { encoding: "utf8" });
    return `${stdout}${stderr}`.replaceAll(`${folder}/`, "").trim();
  }

  const kinds = [{ algorithm: "RSA" }, P256, { algorithm: "ECDSA", ecdsaCurve: "P384" }, { algorithm: "ED25519" }];
  for (const [caKind, nodeKind] of kinds.flatMap((ca) => kinds.map((node) => [ca, node] as const))) {
    const name = (kind: object) => Object.values(kind).join(" ");

    it(`a ${name(nodeKind)} certificate from a ${name(caKind)} CA passes openssl's strict verification`, async () => {
      const [caPrivateKeyPem, nodeKey] = [await makeKey(caKind), await makeKey(nodeKind)];
      const ca = await make(selfSignedCert, {
        privateKeyPem: caPrivateKeyPem,
        subject,
        allowedUses: caUses,
        isCaCertificate: true,
        validityPeriodHours: 24,
      });
      const request = await make(certRequest, {
        privateKeyPem: nodeKey,
        subject: { commonName: "node01" },
        dnsNames: ["node01.dev.example.com"],
        ipAddresses: ["10.0.200.10", "fd00::10"],
      });
      const node = await make(locallySignedCert, {
        caCertPem: ca.certPem,
        caPrivateKeyPem,
        certRequestPem: request.certRequestPem,
        allowedUses: ["digital_signature", "server_auth", "client_auth"],
        validityPeriodHours: 12,
      });
      const options = ["-purpose", "sslserver", "-verify_hostname", "node01.dev.example.com"];
      assert.equal(verify(ca.certPem ?? "", node.certPem ?? "", ...options), "cert.pem: OK");
      assert.equal(verify(ca.certPem ?? "", node.certPem ?? "", "-purpose", "sslclient"), "cert.pem: OK");
      assert.equal(verify(ca.certPem ?? "", node.certPem ?? "", "-verify_ip", "fd00::10"), "cert.pem: OK");
      assert.equal(node.caKeyAlgorithm, caKind.algorithm);
      assert.equal(request.keyAlgorithm, nodeKind.algorithm);
    });
  }

  it("a CA says so, critically, with key usage and a subject key identifier; a node's certificate points to it", async () => {
    const key = await makeKey(P256);
    const ca = await make(selfSignedCert, {
      privateKeyPem: key,
      subject,
      allowedUses: caUses,
      isCaCertificate: true,
      validityPeriodHours: 24,
      setAuthorityKeyId: true,
      maxPathLength: 1,
    });
    const shown = text(ca.certPem);
    assert.match(shown, /Subject: O = Example, CN = dev ca/);
    assert.match(shown, /Basic Constraints: critical\s+CA:TRUE, pathlen:1/);
    assert.match(shown, /Key Usage: critical\s+Digital Signature, Certificate Sign, CRL Sign/);
    const keyId = /Subject Key Identifier: *\s+([0-9A-F:]+)/.exec(shown)?.[1];
    assert.match(shown, new RegExp(`Authority Key Identifier: *\\s+${keyId}`));
    const request = await make(certRequest, { privateKeyPem: await makeKey(P256), subject: { commonName: "n" } });
    const node = await make(locallySignedCert, {
      caCertPem: ca.certPem,
      caPrivateKeyPem: key,
      certRequestPem: request.certRequestPem,
      allowedUses: ["server_auth"],
      validityPeriodHours: 1,
    });
    const nodeShown = text(node.certPem);
    assert.match(nodeShown, new RegExp(`Authority Key Identifier: *\\s+${keyId}`));
    assert.match(nodeShown, /Basic Constraints: critical\s+CA:FALSE/);
    assert.doesNotMatch(nodeShown, /Key Usage: critical/);
  });

  it("a request carries the whole subject, and openssl accepts its signature", async () => {
    const request = await make(certRequest, {
      privateKeyPem: await makeKey(P256),
      subject: {
        commonName: "n",
        country: "DE",
        province: "BY",
        locality: "München",
        organization: "Example",
        organizationalUnit: "Rack",
        postalCode: "80331",
        serialNumber: "7",
        streetAddresses: ["Way 1"],
        emailAddress: "rack@example.com",
      },
      uris: ["spiffe://dev/node01"],
    });
    const shown = text(request.certRequestPem, "req");
    assert.match(
      shown,
      /Subject: C = DE, O = Example, OU = Rack, L = M\\C3\\BCnchen, ST = BY, street = Way 1, postalCode = 80331, CN = n, serialNumber = 7, emailAddress = rack@example.com/,
    );
    assert.match(shown, /URI:spiffe:\/\/dev\/node01/);
    const check = spawnSync("openssl", ["req", "-verify", "-noout"], {
      input: request.certRequestPem,
      encoding: "utf8",
    });
    assert.match(check.stderr, /verify OK/);
  });

  it("a certificate without a subject has critical alternative names", async () => {
    const certificate = await make(selfSignedCert, {
      privateKeyPem: await makeKey(P256),
      allowedUses: ["server_auth"],
      validityPeriodHours: 1,
      ipAddresses: ["10.0.100.150"],
    });
    assert.match(text(certificate.certPem), /Subject Alternative Name: critical\s+IP Address:10.0.100.150/);
  });

  it("validity is as long as asked for, and the outputs say the same as the certificate", async () => {
    const certificate = await make(selfSignedCert, {
      privateKeyPem: await makeKey(P256),
      subject,
      allowedUses: ["server_auth"],
      validityPeriodHours: 36,
    });
    const [start, end] = [
      Date.parse(certificate.validityStartTime ?? ""),
      Date.parse(certificate.validityEndTime ?? ""),
    ];
    assert.equal(end - start, 36 * 3_600_000);
    const dates = execFileSync("openssl", ["x509", "-noout", "-enddate"], {
      input: certificate.certPem,
      encoding: "utf8",
    });
    assert.equal(Date.parse(dates.replace("notAfter=", "").trim()), end);
  });

  it("signing with a certificate that is no CA warns, as the vendor's plugin does", async () => {
    const key = await makeKey(P256);
    const uses = { allowedUses: ["server_auth"], validityPeriodHours: 1 };
    const notCa = await make(selfSignedCert, { privateKeyPem: key, subject, ...uses });
    const request = await make(certRequest, { privateKeyPem: key });
    const call = listeningCall("cert");
    const inputs = { caCertPem: notCa.certPem, caPrivateKeyPem: key, certRequestPem: request.certRequestPem, ...uses };
    await make(locallySignedCert, inputs, call);
    assert.deepEqual(call.said, [
      "warning: Certificate provided as Authority does not appear to be a valid Certificate Authority.",
    ]);
  });

  it("a CA without a name is refused with the vendor's words", async () => {
    const inputs = {
      privateKeyPem: await makeKey(P256),
      allowedUses: [],
      isCaCertificate: true,
      validityPeriodHours: 1,
    };
    await assert.rejects(make(selfSignedCert, inputs), {
      message: "Must contain at least one Distinguished Name when creating Certificate Authority (CA)",
    });
  });

  it("the curve P224 cannot sign here, and the message says what to choose", async () => {
    const privateKeyPem = await makeKey({ algorithm: "ECDSA" });
    await assert.rejects(make(certRequest, { privateKeyPem }), {
      message: "the stand-in tls plugin of Flint's lab cannot sign with P224. Set ecdsaCurve: P256, P384 or P521.",
    });
  });
});
