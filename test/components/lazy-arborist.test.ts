import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

const root = resolve(__dirname, "../../..");

function inNode(script: string): unknown {
  return JSON.parse(execFileSync(process.execPath, ["-e", script], { encoding: "utf8", cwd: root, timeout: 60_000 }));
}

describe("the stack program", function () {
  this.timeout(60_000);
  const arborist = `Object.keys(require.cache).filter((path) => path.includes("/@npmcli/arborist/lib/arborist/"))`;

  it("is spared npm's tree builder, which Pulumi's SDK loads with itself", () => {
    const count = (first: string) => inNode(`${first}require("@pulumi/pulumi"); console.log(${arborist}.length)`);
    assert.equal(count(`require("./dist/components/lazy-arborist.js");`), 0);
    assert.ok(Number(count("")) > 3, "the SDK does not load it any more: components/lazy-arborist.ts can go");
  });

  it("has it where a closure's packages are asked for", () => {
    const found = inNode(`require("./dist/components/lazy-arborist.js");
      const pulumi = require("@pulumi/pulumi");
      pulumi.runtime.computeCodePaths().then((paths) => console.log(JSON.stringify([paths.size > 0, ${arborist}.length > 3])));`);
    assert.deepEqual(found, [true, true]);
  });
});
