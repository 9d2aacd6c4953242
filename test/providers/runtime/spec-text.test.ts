import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { readSpec, SPEC, writeSpec } from "../../../providers/runtime/spec-text.js";

describe("inputs as one text", () => {
  it("keeps what is plain in the text, and leaves what is not beside it", () => {
    const written = writeSpec(
      { name: "node01", labels: { rack: "b1" }, none: undefined, key: "k" },
      (key) => key !== "key",
    );
    assert.deepEqual(written, { spec: '{"name":"node01","labels":{"rack":"b1"}}', key: "k" });
    assert.deepEqual(readSpec(written), { name: "node01", labels: { rack: "b1" }, key: "k" });
  });

  it("has no text where nothing is plain, and leaves alone what an older release stored one by one", () => {
    assert.deepEqual(
      writeSpec({ key: "k" }, () => false),
      { key: "k" },
    );
    assert.deepEqual(readSpec({ name: "node01", labels: {} }), { name: "node01", labels: {} });
  });

  it("gives back whatever is written, in whichever parts", () => {
    const values = fc.dictionary(
      fc.string().filter((key) => key !== SPEC && key !== "__proto__"),
      fc.jsonValue().filter((value) => !JSON.stringify(value).includes("__proto__")),
    );
    fc.assert(
      fc.property(values, fc.func(fc.boolean()), (inputs, isPlain) => {
        const there = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined));
        // What is beside the text becomes JSON on its way to the engine: there is one zero then.
        const sent: unknown = JSON.parse(JSON.stringify(writeSpec(inputs, isPlain)));
        assert.deepEqual(readSpec(z.looseObject({}).parse(sent)), JSON.parse(JSON.stringify(there)));
      }),
    );
  });
});
