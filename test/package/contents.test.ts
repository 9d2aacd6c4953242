import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { z } from "zod";

const ROOT = path.resolve(__dirname, "../../..");
const packed = z.array(z.object({ files: z.array(z.object({ path: z.string() })), unpackedSize: z.number() }));

describe("the packed package", () => {
  let files: string[] = [];
  let bytes = 0;

  before(function () {
    this.timeout("60 s");
    const json = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    const [result] = packed.parse(JSON.parse(json.slice(json.indexOf("["))));
    files = (result?.files ?? []).map((file) => file.path);
    bytes = result?.unpackedSize ?? 0;
  });

  it("holds what a user's program and the provider process load, with types", () => {
    for (const needed of [
      "dist/components/index.js",
      "dist/components/index.d.ts",
      "dist/foundation/errors.js",
      "nix/modules/default.nix",
      "Pulumi.example.yaml",
      "README.md",
      "LICENSE",
    ]) {
      assert.ok(files.includes(needed), `${needed} is missing`);
    }
    for (const resource of [
      "pxe-server",
      "netboot-image",
      "node-identity",
      "bare-metal-node",
      "chainfire-member",
      "cluster-health",
      "cluster-keys",
    ]) {
      assert.ok(files.includes(`dist/providers/${resource}/lifecycle.js`), `the lifecycle of ${resource} is missing`);
    }
  });

  it("holds no tests, no lab, no TypeScript sources, no secrets", () => {
    const strays = files.filter(
      (file) =>
        /^dist\/(test|lab|bench|scripts)\//.test(file) ||
        /(?<!\.d)\.ts$|\.tsbuildinfo$|\.pem$|\.key$|^\.rack/.test(file),
    );
    assert.deepEqual(strays, []);
  });

  it("stays small", () => {
    assert.ok(bytes < 2_000_000, `${bytes} bytes`);
  });
});
