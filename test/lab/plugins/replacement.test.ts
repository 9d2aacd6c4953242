import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { localCommand } from "../../../lab/plugins/command/local.js";
import { remoteCommand } from "../../../lab/plugins/command/remote.js";
import { providerOf } from "../../../lab/plugins/provider.js";
import type { Resource } from "../../../lab/plugins/resource.js";
import { certRequest } from "../../../lab/plugins/tls/cert-request.js";
import { locallySignedCert } from "../../../lab/plugins/tls/locally-signed-cert.js";
import { privateKey } from "../../../lab/plugins/tls/private-key.js";
import { selfSignedCert } from "../../../lab/plugins/tls/self-signed-cert.js";
import { type Properties, unknownValue } from "../../../lab/plugins/values.js";

const silent = { status() {}, warning() {} };
// biome-ignore lint/suspicious/noExplicitAny: resources of different inputs stand in one list
const all: Resource<any>[] = [privateKey, certRequest, selfSignedCert, locallySignedCert, localCommand, remoteCommand];
const provider = providerOf("0.0.0", all, silent);
const urn = (resource: { type: string }) => `urn:pulumi:t::p::parent:x:Y$${resource.type}::name`;
const diff = (resource: { type: string }, olds: Properties, news: Properties) =>
  provider.diff?.("id", urn(resource), olds, news);

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
const certificate = {
  privateKeyPem: "k",
  allowedUses: ["server_auth"],
  validityPeriodHours: 24,
  earlyRenewalHours: 0,
  isCaCertificate: false,
  setSubjectKeyId: false,
  setAuthorityKeyId: false,
  validityEndTime: inHours(24),
};

describe("a change of an input, with the stand-in plugins", () => {
  it("of a key's algorithm makes a new key", async () => {
    const olds = { algorithm: "ECDSA", ecdsaCurve: "P256", rsaBits: 2048 };
    assert.deepEqual(await diff(privateKey, olds, { ...olds, ecdsaCurve: "P384" }), {
      changes: true,
      replaces: ["ecdsaCurve"],
    });
    assert.deepEqual(await diff(privateKey, { ...olds, privateKeyPem: "x" }, olds), { changes: false, replaces: [] });
  });

  it("of a certificate's names makes a new certificate; of its early renewal only an update", async () => {
    assert.deepEqual(await diff(selfSignedCert, certificate, { ...certificate, dnsNames: ["a"] }), {
      changes: true,
      replaces: ["dnsNames"],
    });
    assert.deepEqual(await diff(selfSignedCert, certificate, { ...certificate, earlyRenewalHours: 2 }), {
      changes: true,
      replaces: [],
    });
  });

  it("a certificate is replaced once its early renewal has come, without any change", async () => {
    const due = { ...certificate, earlyRenewalHours: 5, validityEndTime: inHours(4) };
    assert.deepEqual(await diff(selfSignedCert, due, due), { changes: true, replaces: ["readyForRenewal"] });
    const notYet = { ...due, validityEndTime: inHours(6) };
    assert.deepEqual(await diff(selfSignedCert, notYet, notYet), { changes: false, replaces: [] });
  });

  it("of a request that is not known yet announces a new certificate", async () => {
    const olds = { ...certificate, caCertPem: "c", caPrivateKeyPem: "k", certRequestPem: "r" };
    assert.deepEqual(await diff(locallySignedCert, olds, { ...olds, certRequestPem: unknownValue }), {
      changes: true,
      replaces: ["certRequestPem"],
    });
  });

  it("of a command's text is an update, of a trigger a replacement", async () => {
    const olds = { create: "a", triggers: [1], stdout: "" };
    assert.deepEqual(await diff(localCommand, olds, { ...olds, create: "b" }), { changes: true, replaces: [] });
    assert.deepEqual(await diff(localCommand, olds, { ...olds, triggers: [2] }), {
      changes: true,
      replaces: ["triggers"],
    });
  });

  it("check fills in the vendor's defaults and names what is wrong, but lets unknown values pass", async () => {
    const checked = await provider.check?.(urn(privateKey), {}, { algorithm: "DSA" });
    assert.deepEqual(checked?.inputs, { algorithm: "DSA", ecdsaCurve: "P224", rsaBits: 2048 });
    assert.deepEqual(
      checked?.failures?.map(({ property }) => property),
      ["algorithm"],
    );
    const unknown = await provider.check?.(urn(privateKey), {}, { algorithm: unknownValue });
    assert.deepEqual(unknown?.failures, []);
  });

  it("an input that the stand-in does not have is refused instead of left out", async () => {
    const checked = await provider.check?.(urn(localCommand), {}, { create: "true", assetPaths: ["*"] });
    assert.deepEqual(checked?.failures, [
      { property: "assetPaths", reason: "the stand-in plugin of Flint's lab does not support this input" },
    ]);
  });

  it("a type that the stand-in does not have is named, with those it has", async () => {
    await assert.rejects(async () => await provider.check?.(urn({ type: "command:local:Other" }), {}, {}), {
      message: `the stand-in plugin of Flint's lab has no command:local:Other; it has ${all.map(({ type }) => type).join(", ")}`,
    });
  });
});

describe("the official tls package's types", () => {
  /** The property names that the official class registers, inputs and outputs. */
  async function officialNames(make: () => pulumi.CustomResource): Promise<string[]> {
    const own = new Set(["urn", "id"]);
    const names = Object.keys(make()).filter((name) => !name.startsWith("__") && !own.has(name));
    return names.filter((name) => !/Wo(Version)?$/.test(name)).sort(); // write-only inputs: refused by the stand-in
  }

  before(async () => {
    await pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
      call: () => ({}),
    });
  });

  const P256 = { algorithm: "ECDSA", ecdsaCurve: "P256" };
  async function ours<I>(resource: Resource<I>, inputs: Properties): Promise<Properties> {
    const checked = await provider.check?.(urn(resource), {}, inputs);
    return (await provider.create?.(urn(resource), checked?.inputs))?.outs;
  }
  const pem = (outputs: Properties, name: string) => {
    const value = outputs[name];
    return typeof value === "object" && value !== null && "value" in value ? String(value.value) : String(value);
  };

  it("every output of the official classes is made here, under the same name", async () => {
    const key = await ours(privateKey, P256);
    const privateKeyPem = pem(key, "privateKeyPem");
    const named = { subject: { commonName: "x" }, dnsNames: ["a"], ipAddresses: ["10.0.0.1"], uris: ["https://a/"] };
    const uses = { allowedUses: ["server_auth"], validityPeriodHours: 1, maxPathLength: 1 };
    const request = await ours(certRequest, { privateKeyPem, ...named });
    const ca = await ours(selfSignedCert, { privateKeyPem, ...named, ...uses });
    const signing = { caCertPem: ca.certPem, caPrivateKeyPem: privateKeyPem, certRequestPem: request.certRequestPem };
    const signed = await ours(locallySignedCert, { ...signing, ...uses });

    const text = "x";
    assert.deepEqual(Object.keys(key).sort(), await officialNames(() => new tls.PrivateKey("a", P256)));
    assert.deepEqual(
      Object.keys(request).sort(),
      await officialNames(() => new tls.CertRequest("b", { privateKeyPem: text })),
    );
    assert.deepEqual(
      Object.keys(ca).sort(),
      await officialNames(() => new tls.SelfSignedCert("c", { privateKeyPem: text, ...uses })),
    );
    assert.deepEqual(
      Object.keys(signed).sort(),
      await officialNames(
        () => new tls.LocallySignedCert("d", { caCertPem: text, caPrivateKeyPem: text, certRequestPem: text, ...uses }),
      ),
    );
  });

  it("private keys leave as secrets, public ones do not", async () => {
    const key = await ours(privateKey, P256);
    const secret = Object.keys(key).filter((name) => typeof key[name] === "object");
    assert.deepEqual(secret.sort(), ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"]);
  });
});
