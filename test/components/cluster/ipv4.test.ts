import assert from "node:assert/strict";
import fc from "fast-check";
import { addressNumber, addressText, holdsHost, networkOf } from "../../../components/cluster/ipv4.js";

describe("IPv4 arithmetic", () => {
  it("reads back every address that it writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => {
        assert.equal(addressNumber(addressText(value)), value);
      }),
    );
  });

  it("refuses what inet_aton would take for another address", () => {
    for (const text of ["10.1", "010.0.0.1", "0x0a.0.0.1", "10.0.0.256", "10.0.0.1 ", "10.0.0.-1", "1e1.0.0.1", ""]) {
      assert.equal(addressNumber(text), undefined, text);
    }
  });

  it("knows a network's first and last address, and which a machine can have", () => {
    const network = networkOf("10.0.100.77/25");
    assert.deepEqual(network, { cidr: "10.0.100.0/25", first: 0x0a006400, last: 0x0a00647f, prefixLength: 25 });
    if (network === undefined) return;
    assert.deepEqual(
      ["10.0.100.0", "10.0.100.1", "10.0.100.126", "10.0.100.127", "10.0.100.128"].map((each) =>
        holdsHost(network, each),
      ),
      [false, true, true, false, false],
    );
  });

  it("counts correctly at the upper end, where 32-bit shifts would not", () => {
    assert.deepEqual(networkOf("255.255.255.255/8"), {
      cidr: "255.0.0.0/8",
      first: 0xff000000,
      last: 0xffffffff,
      prefixLength: 8,
    });
  });
});
