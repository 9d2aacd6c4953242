import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import type { ClusterArgs } from "../components/index.js";
import { sampleCluster } from "./components/cluster/sample.js";

const program = resolve(__dirname, "../index.js");

/** Names of what the program exports for such a stack. Nothing is made: there is no engine, only its mocks. */
function outputs(change: (cluster: ClusterArgs) => void = () => {}): string[] {
  const cluster = sampleCluster(change);
  const code = `const pulumi = require("@pulumi/pulumi");
    const mocks = { call: () => ({}), newResource: ({ name, inputs }) => ({ id: "", state: inputs }) };
    pulumi.runtime.setMocks(mocks, "flint", "dev", true); // a preview, which asks no host
    pulumi.runtime.setAllConfig({ "flint:cluster": process.argv[1] });
    const names = Object.keys(require(process.argv[2]));
    pulumi.runtime.disconnect().then(() => console.log(JSON.stringify(names)));`;
  const printed = execFileSync(process.execPath, ["-e", code, JSON.stringify(cluster), program], { encoding: "utf8" });
  return JSON.parse(printed.split("\n").at(-2) ?? "");
}

describe("the stack's outputs", function () {
  this.timeout(120_000);
  const ALWAYS = ["members", "endpoints", "health", "healthReport", "ca", "clusterInfo", "candidates"];

  it("have options for another DHCP server only where there is one: Pulumi warns of an output that is undefined", () => {
    assert.deepEqual(outputs(), ALWAYS);
    const external = outputs((cluster) => {
      cluster.pxe.dhcp = { mode: "external" };
    });
    assert.deepEqual(external, [...ALWAYS, "dhcpOptions"]);
  });
});
