import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BmcAddress } from "../../../drivers/bmc/driver.js";
import { openBmc } from "../../../drivers/bmc/drivers.js";
import { driverContext } from "./context.js";

const tests = resolve(__dirname, "../../../../test/drivers/bmc");

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
