import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { privateKey } from "../../../lab/plugins/tls/private-key.js";
import { quietCall } from "./call.js";

type Outputs = Record<string, string>;

describe("the stand-in's tls.PrivateKey", () => {
  const folder = mkdtempSync(join(tmpdir(), "flint-tls-keys-"));
  after(() => rmSync(folder, { recursive: true }));

  const run = (program: string, args: string[], input = "") =>
    execFileSync(program, args, { input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] }).trim();
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  async function make(inputs: object): Promise<Outputs> {
    const want = (await privateKey.inputs()).parse({ ...privateKey.defaults, ...inputs });
    return (await privateKey.create(want, quietCall("key"))).outputs as Outputs;
  }

  const kinds = [
    { algorithm: "RSA", ssh: "ssh-rsa", form: "RSA PRIVATE KEY" },
    { algorithm: "ECDSA", ecdsaCurve: "P256", ssh: "ecdsa-sha2-nistp256", form: "EC PRIVATE KEY" },
    { algorithm: "ECDSA", ecdsaCurve: "P384", ssh: "ecdsa-sha2-nistp384", form: "EC PRIVATE KEY" },
    { algorithm: "ECDSA", ecdsaCurve: "P521", ssh: "ecdsa-sha2-nistp521", form: "EC PRIVATE KEY" },
    { algorithm: "ED25519", ssh: "ssh-ed25519", form: "PRIVATE KEY" },
  ] as const;

  for (const { ssh, form, ...inputs } of kinds) {
    const title = "ecdsaCurve" in inputs ? `ECDSA ${inputs.ecdsaCurve}` : inputs.algorithm;

    it(`${title}: openssl reads both PEM forms and finds the same public key`, async () => {
      const key = await make(inputs);
      assert.equal(key.privateKeyPem?.split("\n")[0], `-----BEGIN ${form}-----`);
      assert.equal(key.privateKeyPemPkcs8?.split("\n")[0], "-----BEGIN PRIVATE KEY-----");
      const publicKey = key.publicKeyPem?.trim();
      assert.equal(run("openssl", ["pkey", "-pubout"], key.privateKeyPem), publicKey);
      assert.equal(run("openssl", ["pkey", "-pubout"], key.privateKeyPemPkcs8), publicKey);
    });

    it(`${title}: ssh-keygen reads the OpenSSH form and agrees on the public key and the fingerprints`, async () => {
      const key = await make(inputs);
      const path = file("key", key.privateKeyOpenssh ?? "");
      assert.equal(run("ssh-keygen", ["-y", "-f", path]), key.publicKeyOpenssh?.trim());
      assert.equal(key.publicKeyOpenssh?.split(" ")[0], ssh);
      const line = file("key.pub", key.publicKeyOpenssh ?? "");
      assert.equal(run("ssh-keygen", ["-l", "-E", "sha256", "-f", line]).split(" ")[1], key.publicKeyFingerprintSha256);
      assert.equal(
        run("ssh-keygen", ["-l", "-E", "md5", "-f", line]).split(" ")[1],
        `MD5:${key.publicKeyFingerprintMd5}`,
      );
    });
  }

  it("P224, the default curve, has no OpenSSH form: these outputs are empty, as with the vendor's plugin", async () => {
    const key = await make({ algorithm: "ECDSA" });
    assert.equal(key.privateKeyOpenssh, "");
    assert.equal(key.publicKeyOpenssh, "");
    assert.equal(key.publicKeyFingerprintSha256, "");
    assert.match(run("openssl", ["pkey", "-noout", "-text"], key.privateKeyPem), /secp224r1/);
  });

  it("RSA keys have the size asked for", async () => {
    const key = await make({ algorithm: "RSA", rsaBits: 3072 });
    assert.match(run("openssl", ["pkey", "-noout", "-text"], key.privateKeyPem), /3072 bit/);
  });
});
