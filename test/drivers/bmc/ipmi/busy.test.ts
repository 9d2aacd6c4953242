import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openIpmi } from "../../../../drivers/bmc/ipmi/driver.js";
import { driverContext } from "../context.js";
import { withIpmitool } from "./own-ipmitool.js";

/** ipmitool's texts for a BMC whose sessions are all taken, and for one that has no time (completion code C0h). */
const FULL = `Error in open session response message : insufficient resources for session

Error: Unable to establish IPMI v2 / RMCP+ session`;
const BUSY = "Get Chassis Power Status failed: Node busy";

/** An ipmitool whose BMC fails that often with this text, and is on after that. ipmi_sim can be told neither. */
const failing = (times: number, text: string) => `echo call >> "$dir/calls"
if [ "$(wc -l < "$dir/calls")" -gt ${times} ]; then echo "Chassis Power is on"; exit 0; fi
echo "${text}" >&2
exit 1`;

describe("an IPMI BMC that is busy", function () {
  this.timeout(120_000);
  const open = () =>
    openIpmi(
      { type: "ipmi", host: "10.0.100.150", username: "admin", password: "unused", cipherSuite: 3 },
      driverContext(),
      { pauseMs: 5 },
    );
  const calls = (directory: string) => readFileSync(join(directory, "calls"), "utf8").trim().split("\n").length;

  for (const [what, text] of [
    ["has no session left", FULL],
    ["has no time", BUSY],
  ] as const)
    it(`${what} for a moment: is asked again, and nobody hears of it`, () =>
      withIpmitool(failing(2, text), async (directory) => {
        assert.equal(await (await open()).power(), "on");
        assert.equal(calls(directory), 3);
      }));

  it("tells only those why who ask louder that it has no session left: is asked again, too", () => {
    const script = `case "$*" in *" -v "*) echo "${FULL}" >&2; exit 1;; esac
${failing(2, "Error: Unable to establish IPMI v2 / RMCP+ session")}`;
    return withIpmitool(script, async (directory) => {
      assert.equal(await (await open()).power(), "on");
      assert.equal(calls(directory), 3);
    });
  });

  it("stays busy: says what it said, after five attempts", () =>
    withIpmitool(failing(1_000, FULL), async (directory) => {
      await assert.rejects((await open()).power(), {
        code: "BMC_BUSY",
        message:
          "node01, BMC at 10.0.100.150: expected a BMC that has time for the power state but found Error in open " +
          "session response message : insufficient resources for session. The BMC is busy, or others hold all of its sessions: end theirs, " +
          "or wait a minute; then run the update again. [BMC_BUSY]",
      });
      assert.equal(calls(directory), 5);
    }));

  it("is not one that refuses: what it refuses is asked once", () =>
    withIpmitool(failing(1_000, "Get Chassis Power Status failed: Invalid command"), async (directory) => {
      await assert.rejects((await open()).power(), { code: "BMC_REFUSED" });
      assert.equal(calls(directory), 1);
    }));
});
