import assert from "node:assert/strict";
import * as rpc from "@pulumi/pulumi/runtime/rpc.js";
import fc from "fast-check";
import {
  changedNames,
  isUnknown,
  markSecrets,
  type Properties,
  plainProperties,
  secretNames,
  unknownValue,
} from "../../../lab/plugins/values.js";

const secret = (value: unknown) => ({ [rpc.specialSigKey]: rpc.specialSecretSig, value });

describe("properties on the wire to a plugin", () => {
  it("the marks are those of the SDK", () => {
    assert.equal(unknownValue, rpc.unknownValue);
    assert.deepEqual(plainProperties({ key: secret("pem") }), { key: "pem" });
    assert.deepEqual(markSecrets({ key: "pem" }, ["key"]), { key: secret("pem") });
    const output = { [rpc.specialSigKey]: rpc.specialOutputValueSig, value: "pem", secret: true };
    assert.deepEqual(plainProperties({ key: output }), { key: "pem" });
    assert.deepEqual(secretNames({ key: output }), ["key"]);
    assert.deepEqual(plainProperties({ key: { [rpc.specialSigKey]: rpc.specialOutputValueSig } }), {
      key: unknownValue,
    });
  });

  it("what was marked comes back plain, and only what was named is secret", () => {
    const values = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.jsonValue());
    fc.assert(
      fc.property(values, fc.infiniteStream(fc.boolean()), (properties: Properties, coin) => {
        const names = Object.keys(properties).filter(() => coin.next().value === true);
        const marked = markSecrets(properties, names);
        assert.deepEqual(secretNames(marked).sort(), names.sort());
        assert.deepEqual(plainProperties(marked), { ...properties });
      }),
    );
  });

  it("a secret deep inside makes its property secret", () => {
    const connection = { host: "10.0.100.1", proxy: { password: secret("pw") } };
    assert.deepEqual(secretNames({ connection, port: 22 }), ["connection"]);
    assert.deepEqual(plainProperties({ connection }), {
      connection: { host: "10.0.100.1", proxy: { password: "pw" } },
    });
  });

  it("an unknown is found at any depth", () => {
    assert.equal(isUnknown({ list: [{ at: unknownValue }] }), true);
    assert.equal(isUnknown({ list: [{ at: "known" }] }), false);
  });

  it("undefined values and the engine's own properties stay away from the wire", () => {
    assert.deepEqual(markSecrets({ a: undefined, b: 1 }, ["a"]), { b: 1 });
    assert.deepEqual(plainProperties({ __defaults: [], a: 1 }), { a: 1 });
  });

  it("an empty list and none at all are the same input", () => {
    assert.deepEqual(changedNames({}, { dnsNames: [] }, ["dnsNames"]), []);
    assert.deepEqual(changedNames({ dnsNames: ["a"] }, { dnsNames: ["b"] }, ["dnsNames"]), ["dnsNames"]);
  });
});
