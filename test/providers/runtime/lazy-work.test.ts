import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

const providers = resolve(__dirname, "../../../providers");

/** Paths of the modules that are loaded together with this one. */
function loadedWith(module: string): string[] {
  const script = "require(process.argv[1]); console.log(JSON.stringify(Object.keys(require.cache)))";
  return JSON.parse(execFileSync(process.execPath, ["-e", script, module], { encoding: "utf8" })) as string[];
}

describe("what a preview loads of a resource", () => {
  const folders = readdirSync(providers).filter((folder) => existsSync(join(providers, folder, "work.js")));

  it("is looked at for every resource", () => assert.equal(folders.length, 7));

  for (const folder of folders)
    it(`${folder}: neither what it does to the real thing, nor ssh2, undici or cockatiel`, () => {
      const loaded = loadedWith(join(providers, folder, "lifecycle.js"));
      const heavy = /\/work\.js$|\/node_modules\/(ssh2|undici|cockatiel|execa|@peculiar)\//;
      assert.deepEqual(
        loaded.filter((path) => heavy.test(path)),
        [],
      );
      assert.ok(loaded.some((path) => path.includes("/node_modules/zod/")));
    });
});
