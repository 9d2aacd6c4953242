import assert from "node:assert/strict";
import { bmcAddress } from "../../../providers/bare-metal-node/bmc.js";

const node = {
  mac: "52:54:00:00:00:01",
  pxe: { httpUrl: "http://10.0.100.1", root: "/var/lib/flint/dev" },
  bmcPassword: undefined,
  bmcDefaults: { username: "admin", password: "all", ca: "the CA of all" },
};

describe("BareMetalNode: how a machine's BMC is reached", () => {
  it("its own access is completed with what is common to all, but trust is taken whole", () => {
    const url = "https://10.0.100.150";
    assert.deepEqual(bmcAddress({ ...node, bmc: { type: "redfish", url } }), {
      type: "redfish",
      url,
      username: "admin",
      password: "all",
      ca: "the CA of all",
    });
    assert.deepEqual(
      bmcAddress({ ...node, bmc: { type: "redfish", url, username: "own", fingerprint: "AB" }, bmcPassword: "secret" }),
      { type: "redfish", url, username: "own", password: "secret", fingerprint: "AB" },
    );
  });

  it("a card that wakes is called from the address that machines boot from", () => {
    assert.deepEqual(bmcAddress({ ...node, bmc: { type: "wake-on-lan" } }), {
      type: "wake-on-lan",
      mac: "52:54:00:00:00:01",
      from: "10.0.100.1",
    });
  });
});
