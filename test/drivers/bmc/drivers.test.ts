import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type BmcAddress, openBmc } from "../../../drivers/bmc/drivers.js";
import { driverContext } from "./context.js";

const root = resolve(__dirname, "../../../..");
const tests = join(root, "test/drivers/bmc");

/** An address of each type that the table of drivers has; a new type does not compile until it is here. */
const ADDRESSES: { [T in BmcAddress["type"]]: Extract<BmcAddress, { type: T }> } = {
  redfish: { type: "redfish", url: "https://127.0.0.1:9", username: "admin", password: "unused" },
  ipmi: { type: "ipmi", host: "127.0.0.1", port: 9, username: "admin", password: "unused" },
  "wake-on-lan": { type: "wake-on-lan", mac: "52:54:00:00:00:01", from: "127.0.0.1" },
  manual: { type: "manual" },
};

/** Calls of the contract suite that are statements of their own: neither skipped nor inside of anything but a loop. */
function suites(): Set<string> {
  const files = readdirSync(tests, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".test.ts"));
  const calls = files.flatMap((name) => [
    ...readFileSync(join(tests, name), "utf8").matchAll(/^ {0,2}promisesOfEveryDriver\("([a-z-]+)"/gm),
  ]);
  return new Set(calls.map(([, type = ""]) => type));
}

/** Source files below these folders with what they say in code, by path. */
function sources(...folders: string[]): Map<string, string> {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
  );
  const code = files.filter((name) => name.endsWith(".ts"));
  return new Map(code.map((name) => [name, withoutComments(readFileSync(join(root, name), "utf8"))]));
}

const withoutComments = (text: string) => text.replace(/\/\*.*?\*\//gs, "").replace(/^\s*\/\/.*$/gm, "");
/** `wake-on-lan` → `wakeOnLan`, as the table and the configuration write it. */
const keyOf = (type: string) => type.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
const TYPES = Object.keys(ADDRESSES);

describe("one more BMC driver", () => {
  const names = (code: string, type: string) => new RegExp(`\\b(${type}|${keyOf(type)})\\b`).test(code);

  it("is one folder and one line: nothing else names a driver", () => {
    const elsewhere = [...sources("drivers", "providers", "cli", "foundation")]
      .filter(
        ([path]) => path !== "drivers/bmc/table.ts" && !TYPES.some((type) => path.startsWith(`drivers/bmc/${type}/`)),
      )
      .filter(([, code]) => TYPES.some((type) => names(code, type)));
    assert.deepEqual(
      elsewhere.map(([path]) => path),
      [],
    );
    const lines = readFileSync(join(root, "drivers/bmc/table.ts"), "utf8").matchAll(
      /^export .* from "\.\/(.+)\/access\.js";$/gm,
    );
    assert.deepEqual(
      [...lines].map(([, folder]) => folder),
      [...TYPES].sort(),
    );
  });

  it("has its key in the stack file in the files that docs/bmcs.md lists, and in no others", () => {
    const common = [...sources("components", "providers", "cli")].filter(([, code]) =>
      TYPES.every((type) => names(code, type)),
    );
    const page = readFileSync(join(root, "docs/bmcs.md"), "utf8").split("## Another driver")[1] ?? "";
    const listed = [...page.matchAll(/^\| `([a-z-]+\.ts)` \|/gm)].map(([, file]) => `components/cluster/${file}`);
    assert.deepEqual(common.map(([path]) => path).sort(), listed.sort());
  });
});

describe("the table of BMC drivers", () => {
  it("has no driver that the promises of every driver are not asked of", () => {
    const asked = suites();
    assert.deepEqual(
      Object.keys(ADDRESSES).filter((type) => !asked.has(type)),
      [],
      "call promisesOfEveryDriver with a bench for each",
    );
  });

  for (const [type, address] of Object.entries(ADDRESSES))
    it(`opens the ${type} driver, and asks neither a person nor the provisioning host for that`, async () => {
      const bmc = await openBmc(address, driverContext());
      await bmc.close();
    });
});

describe("importing the table of BMC drivers", () => {
  it("loads neither undici nor cockatiel nor a driver", () => {
    const code = `require(${JSON.stringify(require.resolve("../../../drivers/bmc/drivers.js"))});
      console.log(Object.keys(require.cache).filter((path) => /undici|cockatiel|[/]driver[.]js$/.test(path)).length)`;
    assert.equal(execFileSync(process.execPath, ["-e", code], { encoding: "utf8" }).trim(), "0");
  });
});
