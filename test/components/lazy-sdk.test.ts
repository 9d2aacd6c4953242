import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

const root = resolve(__dirname, "../../..");

function inNode(script: string): unknown {
  return JSON.parse(execFileSync(process.execPath, ["-e", script], { encoding: "utf8", cwd: root, timeout: 60_000 }));
}

const LAZY = `require("pulumi-flint/lazy-sdk");`;

describe("the stack program", function () {
  this.timeout(120_000);
  for (const { what, folder, use } of [
    {
      what: "npm's tree builder",
      folder: "/@npmcli/arborist/lib/arborist/",
      use: "pulumi.runtime.computeCodePaths().then((paths) => paths.size > 0)",
    },
    {
      what: "the TypeScript compiler",
      folder: "/typescript/lib/typescript.js",
      use: `pulumi.runtime.serializeFunction(() => 42).then((closure) => closure.text.includes("return 42") || closure.text.includes("() => 42"))`,
    },
  ]) {
    const loaded = `Object.keys(require.cache).some((path) => path.includes(${JSON.stringify(folder)}))`;

    it(`is spared ${what}, which Pulumi's SDK loads with itself`, () => {
      const isLoaded = (first: string) => inNode(`${first}require("@pulumi/pulumi"); console.log(${loaded})`);
      assert.equal(isLoaded(LAZY), false);
      assert.equal(isLoaded(""), true, "the SDK does not load it any more: its line in components/lazy-sdk.ts can go");
    });

    it(`has ${what} where a closure asks for it`, () => {
      const found = inNode(`${LAZY}
        const pulumi = require("@pulumi/pulumi");
        ${use}.then((works) => console.log(JSON.stringify([works, ${loaded}])));`);
      assert.deepEqual(found, [true, true]);
    });
  }
});
