import assert from "node:assert/strict";
import fc from "fast-check";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { sanitise } from "../../../providers/runtime/sanitise.js";

describe("sanitise", () => {
  it("turns what a program has into what the state can hold", () => {
    const cycle: Record<string, unknown> = { name: "a" };
    cycle.self = cycle;
    assert.deepEqual(
      sanitise({
        date: new Date(0),
        missing: undefined,
        map: new Map([["a", 1n]]),
        set: new Set(["x"]),
        bytes: Buffer.from("hi"),
        run: () => 1,
        nan: Number.NaN,
        minusZero: -0,
        list: [undefined, 1],
        url: new URL("http://10.0.100.1/x"),
        broken: "\ud800!",
        cycle,
      }),
      {
        date: "1970-01-01T00:00:00.000Z",
        map: { a: "1" },
        set: ["x"],
        bytes: "aGk=",
        nan: null,
        minusZero: 0,
        list: [null, 1],
        url: "http://10.0.100.1/x",
        broken: "\ufffd!",
        cycle: { name: "a" },
      },
    );
  });

  it("whatever goes in, protobuf's Struct takes what comes out, and gives it back unchanged", function () {
    this.timeout(120_000);
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), anything), (outputs) => {
        const plain = sanitise(outputs);
        const bytes = Struct.fromJavaScript(plain).serializeBinary();
        assert.deepEqual(Struct.deserializeBinary(bytes).toJavaScript(), JSON.parse(JSON.stringify(plain)));
      }),
      { numRuns: 2000 },
    );
  });
});
