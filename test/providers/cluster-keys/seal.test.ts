import assert from "node:assert/strict";
import { makeKeyPair } from "../../../drivers/ssh/key-pair.js";
import { open, seal, sealId } from "../../../providers/cluster-keys/seal.js";

describe("what is sealed on the provisioning host", () => {
  const { privateKey } = makeKeyPair("operator");
  const content = seal(privateKey, "dev/cluster", "secrets, ä");

  it("is opened by the key that sealed it, whatever its line ends; the file says which that is, and nothing else", () => {
    assert.deepEqual(open(privateKey, "dev/cluster", content), { text: "secrets, ä" });
    assert.deepEqual(open(`\r\n${privateKey.replaceAll("\n", "\r\n")}`, "dev/cluster", content), {
      text: "secrets, ä",
    });
    const { data, nonce, tag, ...head } = JSON.parse(content);
    assert.deepEqual(head, { version: 1, sealedBy: sealId(privateKey) });
    for (const part of [data, nonce, tag]) assert.match(part, /^[A-Za-z0-9+/]+=*$/);
    assert.notEqual(seal(privateKey, "dev/cluster", "secrets, ä"), content, "a nonce is used once");
  });

  it("is not opened by another key, which learns which one it takes", () => {
    const other = makeKeyPair("another").privateKey;
    assert.deepEqual(open(other, "dev/cluster", content), { sealedBy: sealId(privateKey) });
  });

  it("is damaged when a byte was changed, when it was cut off, and under another name", () => {
    const { data, ...rest } = JSON.parse(content);
    const flipped = Buffer.from(data, "base64");
    flipped[0] = (flipped[0] ?? 0) ^ 1;
    assert.equal(
      open(privateKey, "dev/cluster", JSON.stringify({ ...rest, data: flipped.toString("base64") })),
      "damaged",
    );
    assert.equal(open(privateKey, "dev/node01", content), "damaged");
    for (const each of ["", content.slice(0, 40), "{}"]) assert.equal(open(privateKey, "dev/cluster", each), "damaged");
  });
});
