import assert from "node:assert/strict";
import { nodeBmc } from "../../../components/cluster/bmc-access.js";

describe("what a machine's resource says of its BMC", () => {
  const common = { username: "admin", password: "of all", ca: "CA" };

  it("is what it does not have in common with the others, its chassis among it", () => {
    const redfish = { type: "redfish", url: "https://10.0.100.150", chassis: "rack1-left" } as const;
    assert.deepEqual(nodeBmc({ ...redfish, ...common }, common), { bmc: redfish, bmcPassword: undefined });
    const ipmi = { type: "ipmi", host: "10.0.100.150", chassis: "rack1-left" } as const;
    assert.deepEqual(nodeBmc({ ...ipmi, username: "root", password: "its own" }, common), {
      bmc: { ...ipmi, username: "root" },
      bmcPassword: "its own",
    });
  });
});
