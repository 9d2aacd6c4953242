import assert from "node:assert/strict";
import type { BmcDriver } from "../../../../drivers/bmc/driver.js";
import { openRedfish } from "../../../../drivers/bmc/redfish/driver.js";
import { driverContext } from "../context.js";
import { type RedfishBench, redfishBench } from "./bench.js";

describe("a Redfish BMC whose machine does not come on", function () {
  this.timeout(60_000);
  let bench: RedfishBench;
  let bmc: BmcDriver;
  beforeEach(async () => {
    bench = await redfishBench();
    bmc = await openRedfish(bench.address, driverContext(), { pauseMs: 10, requestMs: 500 });
    bench.bmc.faults = { powerStuck: true };
  });
  afterEach(async () => {
    await bmc.close();
    await bench[Symbol.asyncDispose]();
  });

  const refusal = (found: string) => ({
    code: "BMC_TIMEOUT",
    message:
      `node01, BMC at ${bench.address.url}: expected power on within 3 s but found ${found}. ` +
      "Look at the machine and its BMC's event log, then run the update again. [BMC_TIMEOUT]",
  });

  it("is told by what it shows, although it said yes", () =>
    assert.rejects(bmc.setPower("on", { deadlineMs: 3_000 }), refusal("Off, although the BMC accepted the change")));

  it("is told as silent, where it froze while the power was waited for", async () => {
    bench.onRequest = ({ path }) => {
      if (path.endsWith("ComputerSystem.Reset")) bench.bmc.faults = { bmcFreezes: true };
    };
    await assert.rejects(
      bmc.setPower("on", { deadlineMs: 3_000 }),
      refusal("Off, and then a BMC that does not answer"),
    );
  });

  it("is told as busy, where it says so from then on", async () => {
    bench.onRequest = ({ path }) => {
      if (path.endsWith("ComputerSystem.Reset")) bench.bmc.faults = { powerStuck: true, busy503: 1_000 };
    };
    await assert.rejects(
      bmc.setPower("on", { deadlineMs: 3_000 }),
      refusal("Off, and then a BMC that answers HTTP 503, again and again"),
    );
  });
});
