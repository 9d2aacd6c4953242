import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeKeyPair } from "../../../drivers/ssh/key-pair.js";
import { lifecycle } from "../../../providers/node-identity/lifecycle.js";
import { freePort } from "../../loopback.js";

const DAY_MS = 86_400_000;

describe("NodeIdentity, as openssl and ssh-keygen see it", () => {
  const directory = mkdtempSync(join(tmpdir(), "flint-identity-"));
  const at = (name: string) => join(directory, name);
  const write = (name: string, content: unknown) => writeFileSync(at(name), String(content), { mode: 0o600 });
  const openssl = (...args: string[]) => execFileSync("openssl", args, { encoding: "utf8" });
  const authority = (name: string) => {
    openssl(
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650"],
      ...[
        "-addext",
        "keyUsage=critical,keyCertSign",
        "-subj",
        `/O=flint dev/CN=${name}`,
        "-keyout",
        at(`${name}.key`),
        "-out",
        at(`${name}.crt`),
      ],
    );
    return { ca: readFileSync(at(`${name}.crt`), "utf8"), caKey: readFileSync(at(`${name}.key`), "utf8") };
  };
  const names = {
    dnsNames: ["node01", "node01.dev.example.com", "localhost"],
    ipAddresses: ["10.0.100.50", "127.0.0.1"],
  };
  const inputs = { cluster: "dev", node: "node01", ...names, ...authority("first") };
  let made: Record<string, unknown>;

  before(async () => {
    const { id, outs } = await lifecycle.create({ ...inputs });
    assert.equal(id, "dev/node01");
    made = outs;
    for (const key of ["cert", "key", "hostKey"]) write(key, made[key]);
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it("the certificate serves as server and as client, under each name and address, and no other", () => {
    for (const purpose of ["sslserver", "sslclient"]) {
      assert.match(
        openssl("verify", "-x509_strict", "-purpose", purpose, "-CAfile", at("first.crt"), at("cert")),
        /: OK$/m,
      );
    }
    const text = openssl("x509", "-in", at("cert"), "-noout", "-text");
    assert.match(text, /Subject: O *= *flint dev, CN *= *node01\n/);
    assert.match(text, /CA:FALSE/);
    const alternatives = /X509v3 Subject Alternative Name: *\n *(.+)/.exec(text)?.[1];
    assert.equal(
      alternatives,
      "DNS:node01, DNS:node01.dev.example.com, DNS:localhost, IP Address:10.0.100.50, IP Address:127.0.0.1",
    );
  });

  it("its key is the certificate's, and lasts five years", () => {
    const publicKey = openssl("pkey", "-in", at("key"), "-pubout");
    assert.equal(openssl("x509", "-in", at("cert"), "-noout", "-pubkey"), publicKey);
    assert.match(String(made.key), /^-----BEGIN EC PRIVATE KEY-----\n/);
    const years = (Date.parse(String(made.expires)) - Date.now()) / (365 * DAY_MS);
    assert.ok(years > 4.99 && years < 5.01, `${years} years`);
  });

  it("the ssh host key and its public line belong together", () => {
    const line = execFileSync("ssh-keygen", ["-y", "-f", at("hostKey")], { encoding: "utf8" });
    assert.equal(line.split(" ").slice(0, 2).join(" ").trim(), made.hostKeyPublic);
    assert.match(String(made.hostKeyPublic), /^ssh-ed25519 [A-Za-z0-9+/]{68}$/);
  });

  it("is unchanged as long as names and CA are", async () => {
    assert.deepEqual(await lifecycle.diff("dev/node01", made, inputs), { changes: false });
  });

  it("where a refresh saw that it is not kept, an update keeps it: the same keys, the same certificate", async () => {
    const lost = { ...made, kept: false };
    assert.deepEqual(await lifecycle.diff("dev/node01", lost, inputs), { changes: true });
    assert.deepEqual((await lifecycle.update("dev/node01", lost, inputs)).outs, made);
  });

  it("a refresh that the provisioning host does not answer forgets neither that it is kept nor that it is not", async function () {
    this.timeout(120_000);
    const { privateKey, publicKey } = makeKeyPair("nobody");
    const port = await freePort();
    const host = { name: "provisioning host", host: "127.0.0.1", port, privateKey, hostKeys: [publicKey] };
    const { outs } = await lifecycle.create({ ...inputs });
    const stored = { ...outs, host };
    assert.equal((await lifecycle.read("dev/node01", stored)).props?.kept, undefined);
    assert.equal((await lifecycle.read("dev/node01", { ...stored, kept: false })).props?.kept, false);
  });

  it("other names, or another CA, make a new certificate for the same keys", async () => {
    for (const [change, ca] of [
      [{ dnsNames: ["node01"] }, "first.crt"],
      [authority("second"), "second.crt"],
    ] as const) {
      const news = { ...inputs, ...change };
      assert.deepEqual(await lifecycle.diff("dev/node01", made, news), { changes: true });
      const { outs } = await lifecycle.update("dev/node01", made, news);
      assert.deepEqual([outs.key, outs.hostKey, outs.hostKeyPublic], [made.key, made.hostKey, made.hostKeyPublic]);
      assert.notEqual(outs.cert, made.cert);
      write("renewed", outs.cert);
      assert.match(openssl("verify", "-CAfile", at(ca), at("renewed")), /: OK$/m);
    }
  });

  it("is renewed half a year before its certificate ends", async () => {
    const ending = (days: number) => ({ ...made, expires: new Date(Date.now() + days * DAY_MS).toISOString() });
    assert.deepEqual(await lifecycle.diff("dev/node01", ending(200), inputs), { changes: false });
    assert.deepEqual(await lifecycle.diff("dev/node01", ending(180), inputs), { changes: true });
  });

  it("keeps no key of the CA", () => {
    assert.equal(JSON.stringify(made).includes(inputs.caKey.split("\n")[1] ?? "?"), false);
  });
});
