import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CHECKOUT } from "../nix-evaluation.js";

/** Put together here, so that no scanner takes this file for a leak. */
const PEM = (kind: string) => `-----BEGIN ${kind}PRIVATE ${"KEY"}-----`;
const BODY = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpe";

describe("The check that no secret is in the store", () => {
  let store = "";
  beforeEach(() => {
    store = mkdtempSync(join(tmpdir(), "flint-store-"));
  });
  afterEach(() => rmSync(store, { recursive: true, force: true }));

  const put = (path: string, content: string) => {
    const file = join(store, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  const scan = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync("sh", [join(CHECKOUT, "nix/checks/store-secrets.sh"), ...args], {
      encoding: "utf8",
    });
    return { status, said: (stdout + stderr).trim().split("\n") };
  };

  it("passes a system that names its secrets and holds none", () => {
    put("system/etc/unit", "LoadCredential=node.key:/etc/nixos/secrets/node.key\n");
    put("system/etc/ssh/ssh_host_ed25519_key.pub", "ssh-ed25519 AAAA\n");
    assert.deepEqual(scan(join(store, "system")), { status: 0, said: ["store-secrets: no secret in 1 paths"] });
  });

  for (const kind of ["", "EC ", "RSA ", "OPENSSH ", "ENCRYPTED "])
    it(`finds a private key (${kind}PRIVATE KEY), and says what to do`, () => {
      const key = put("system/etc/leak.pem", `${PEM(kind)}\n${BODY}\n`);
      const { status, said } = scan(join(store, "system"));
      assert.equal(status, 1);
      assert.deepEqual(said.slice(0, 2), [
        "store-secrets: secrets in the Nix store, which everyone on every machine can read:",
        `${key}: holds a private key`,
      ]);
      assert.match(said[2] ?? "", /^remedy: .*Then replace these keys: they are known\.$/);
    });

  it("finds a given secret in whatever form it was put there: a script, a JSON string, a binary", () => {
    const secret = put("outside/node.key", `${PEM("")}\n${BODY}\nAAAA\n-----END PRIVATE ${"KEY"}-----\n`);
    const script = put("system/bin/start", `export KEY="${BODY}"\n`);
    const binary = put("system/lib/blob", `\0\0${BODY}\0`);
    const { status, said } = scan("--secret", secret, join(store, "system"));
    assert.equal(status, 1);
    assert.deepEqual(
      said.slice(1, -1).sort(),
      [`${script}: holds a line of a given secret`, `${binary}: holds a line of a given secret`].sort(),
    );
  });

  it("finds a key inside JSON, and takes the marker alone for what it is: a word of a program or a page", () => {
    const json = put("system/etc/config.json", JSON.stringify({ key: `${PEM("")}\n${BODY}\n` }));
    put("system/bin/tool", `case $line in "${PEM("")}") read_key ;; esac\n`);
    assert.deepEqual(scan(join(store, "system")).said.slice(1, -1), [`${json}: holds a private key`]);
  });

  it("finds an age key and a file with a key's name", () => {
    const age = put("a/keys.txt", `AGE-SECRET-${"KEY"}-1${"Q".repeat(58)}\n`);
    const named = put("b/etc/nixos/secrets/node.key", "\0binary");
    const { said } = scan(join(store, "a"), join(store, "b"));
    assert.deepEqual(said.slice(1, -1).sort(), [
      `${age}: holds a private key`,
      `${named}: has the name of a private key`,
    ]);
  });

  it("leaves the test keys of packages alone", () => {
    put("python/lib/python3/test/keycert.pem", `${PEM("")}\n${BODY}\n`);
    assert.equal(scan(join(store, "python")).status, 0);
  });

  it("does not pass when there is nothing to look for or to look in", () => {
    const empty = put("outside/empty", "short\n");
    assert.deepEqual(scan("--secret", empty, store), {
      status: 2,
      said: ["store-secrets: the secrets have no line of 24 characters or more: nothing to look for"],
    });
    assert.equal(scan().status, 2);
    assert.equal(scan("--secret", join(store, "missing"), store).status, 2);
  });
});
