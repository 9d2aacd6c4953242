import assert from "node:assert/strict";
import fc from "fast-check";
import { forgetSecrets, redact, rememberSecrets } from "../../foundation/redact.js";

describe("redact", () => {
  beforeEach(forgetSecrets);
  after(forgetSecrets);

  it("hides every occurrence of a remembered value", () => {
    rememberSecrets("hunter22", undefined);
    assert.equal(redact("hunter22 and xhunter22x"), "[secret] and x[secret]x");
  });

  it("hides a secret that contains another one whole", () => {
    rememberSecrets("abcd", "abcdefgh");
    assert.equal(redact("abcdefgh abcd"), "[secret] [secret]");
  });

  it("hides each line of a key, since tools print them one by one, but not its frame", () => {
    const line = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ";
    rememberSecrets(`-----BEGIN OPENSSH PRIVATE KEY-----\n${line}\n-----END OPENSSH PRIVATE KEY-----\n`);
    assert.equal(redact(`read ${line}`), "read [secret]");
    assert.equal(redact("-----BEGIN OPENSSH PRIVATE KEY-----"), "-----BEGIN OPENSSH PRIVATE KEY-----");
  });

  it("hides secrets that overlap or contain each other as one", () => {
    rememberSecrets("horse-battery", "battery-staple", "battery");
    assert.equal(redact("a horse-battery-staple, a battery"), "a [secret], a [secret]");
  });

  it("leaves ordinary text alone when a secret is tiny", () => {
    rememberSecrets("abc", "");
    assert.equal(redact("abc"), "abc");
  });

  it("hides the password in any URL", () => {
    assert.equal(redact("at https://admin:pa55@10.0.0.1/x"), "at https://admin:[secret]@10.0.0.1/x");
    assert.equal(redact("http://host:8080/a@b"), "http://host:8080/a@b");
  });

  it("never lets a remembered value through, whatever surrounds it", () => {
    // Values that could appear by accident inside of "[secret]" itself are no passwords.
    const secret = fc.string({ minLength: 8, maxLength: 40 }).filter((text) => !"[secret]".includes(text));
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        forgetSecrets();
        rememberSecrets(value);
        assert.ok(!redact(`${before} ${value} ${after}`).includes(value));
      }),
    );
  });
});
