import assert from "node:assert/strict";
import { NodeContext } from "../../../providers/bare-metal-node/context.js";
import { startFromNetwork } from "../../../providers/bare-metal-node/start-from-network.js";
import { tls } from "../../drivers/bmc/redfish/bench.js";
import { BmcOnLoopback, PASSWORD } from "../../lab/redfish/bmc-on-loopback.js";
import { quietRun } from "./quiet-run.js";
import { storedNode } from "./stored-node.js";

type Wanted = Parameters<typeof startFromNetwork>[0]["want"];

describe("BareMetalNode: a start from the network", function () {
  this.timeout(120_000);
  let bmc: BmcOnLoopback;
  const asked: string[] = [];
  /** What was begun, in its order. */
  const begun = () =>
    bmc.requests.flatMap((each) => /^(PATCH(?= .*Systems)|POST(?= .*Reset)|lasting|--)/.exec(each)?.[0] ?? []);
  const run = quietRun({ info: (text) => void asked.push(text) });
  const start = (change: Partial<Wanted> = {}) => {
    const want: Wanted = {
      ...storedNode({
        bmc: { type: "redfish", url: bmc.url, ca: tls.ca },
        bmcDefaults: { username: "admin", password: PASSWORD },
      }),
      firmware: "uefi",
      ...change,
    };
    // Whatever was there before the power is touched is over then.
    return startFromNetwork(new NodeContext<Wanted>(want, run), {
      lasting: async () => void bmc.requests.push("lasting"),
      switching: () => void bmc.requests.push("--"),
    });
  };
  beforeEach(async () => {
    bmc = await BmcOnLoopback.start();
    asked.length = 0;
  });
  afterEach(() => bmc.stop());

  it("is by PXE where nothing else is declared", async () => {
    assert.equal(await start(), "once");
    assert.equal(await start({ networkBoot: "pxe" }), "once");
    assert.deepEqual(bmc.machine.boots, ["Pxe", "Pxe"]);
  });

  it("is by UEFI HTTP boot where that is declared, and the boot source is set before the power is touched", async () => {
    assert.equal(await start({ networkBoot: "uefi-http" }), "once");
    assert.deepEqual(bmc.machine.boots, ["UefiHttp"]);
    assert.deepEqual(begun(), ["PATCH", "--", "POST"]);
  });

  it("tells that the boot source will last before it sets one on a BMC that knows no other, and where it is set already", async () => {
    bmc.bmc.faults = { noOnce: true };
    assert.equal(await start(), "lasting");
    assert.deepEqual(begun(), ["lasting", "PATCH", "lasting", "--", "POST"]);
    bmc.requests.length = 0;
    assert.equal(await start(), "lasting");
    assert.deepEqual(begun().slice(0, 2), ["lasting", "--"]);
  });

  it("asks a person for UEFI HTTP boot where there is no BMC", async () => {
    await start({ networkBoot: "uefi-http", bmc: { type: "manual" } });
    assert.deepEqual(asked, [
      "Please have node04 boot from the network (UEFI HTTP boot) once, in UEFI mode: choose it in the boot menu.",
      "Please switch node04 off and on again.",
    ]);
    assert.deepEqual(bmc.machine.boots, []);
  });

  it("begins where the BMC's maker never filled the serial number in: the installer says whose machine it is", async () => {
    bmc.bmc.faults = { otherSerial: "To be filled by O.E.M." };
    await start({ serial: "RACK-test-01" });
    assert.deepEqual(bmc.machine.boots, ["Pxe"]);
  });

  it("does not begin with another machine", async () => {
    await assert.rejects(start({ serial: "RACK-test-02" }), { code: "MACHINE_IDENTITY" });
    assert.deepEqual(bmc.machine.boots, []);
  });
});
