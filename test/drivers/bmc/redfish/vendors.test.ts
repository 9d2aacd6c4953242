// limit: 360 s
import assert from "node:assert/strict";
import { effectsFor, QUIRKS } from "../../../../drivers/bmc/redfish/quirks.js";
import { driverContext } from "../context.js";
import { promisesOfEveryDriver } from "../contract.js";
import { asrock, gigabyte } from "./vendors/ami.js";
import { dell } from "./vendors/dell.js";
import { fujitsu } from "./vendors/fujitsu.js";
import { hpe } from "./vendors/hpe.js";
import { lenovo } from "./vendors/lenovo.js";
import { openbmc } from "./vendors/openbmc.js";
import { vendorBench } from "./vendors/service.js";
import { supermicro } from "./vendors/supermicro.js";
import { sushyTools } from "./vendors/sushy-tools.js";
import type { Vendor } from "./vendors/vendor.js";

const VENDORS: readonly Vendor[] = [dell, hpe, supermicro, lenovo, gigabyte, asrock, fujitsu, openbmc, sushyTools];

for (const vendor of VENDORS) promisesOfEveryDriver("redfish", () => vendorBench(vendor), `with ${vendor.name}`);

describe("BMCs by vendor", function () {
  this.timeout(120_000);

  it("each names where its payloads and rules are documented", () => {
    for (const { name, sources } of VENDORS) {
      assert.ok(sources.length > 0, name);
      for (const source of sources) assert.match(source, /^https:\/\/\S+$/, name);
    }
  });

  it("each row of the table of quirks is about one that is played here, or a path", () => {
    const makers = VENDORS.map(({ payload }) => String(payload.Manufacturer));
    for (const { vendor, manufacturer, path } of QUIRKS)
      assert.ok(path !== undefined || makers.some((maker) => manufacturer?.test(maker)), vendor);
  });

  for (const vendor of VENDORS)
    it(`${vendor.name}: nothing is refused that its quirks foretell, and no session is left`, async () => {
      await using bench = await vendorBench(vendor);
      const bmc = await bench.open(driverContext());
      await bmc.setBootOnce("pxe", "uefi");
      await bmc.setPower("on");
      assert.equal((await bmc.identity()).vendor, vendor.identity.vendor);
      await bmc.close();
      assert.deepEqual(bench.refusals, []);
      assert.deepEqual([...bench.sessions], []);
      assert.deepEqual(bench.boots(), ["pxe"]);
    });

  it("HPE iLO: an override that is refused during POST is set when that has ended", async () => {
    await using bench = await vendorBench({ ...hpe, postMs: 400 });
    const bmc = await bench.open(driverContext());
    await bmc.setPower("on");
    await bmc.setBootOnce("pxe", "uefi");
    await bmc.setPower("cycle");
    await bmc.close();
    assert.ok(bench.refusals.length > 0);
    assert.deepEqual(bench.boots(), ["usual", "pxe"]);
  });

  it("HPE iLO: a mode that only the firmware's set-up can change is told before anything is changed", async () => {
    await using bench = await vendorBench(hpe);
    const bmc = await bench.open(driverContext());
    await assert.rejects(bmc.setBootOnce("pxe", "bios"), {
      code: "BMC_REFUSED",
      found: "boot mode UEFI, which only the firmware's own set-up can change to Legacy",
    });
    assert.deepEqual(bench.refusals, []);
    await bmc.close();
  });

  it("a maker without a row has no quirks", () => {
    for (const Manufacturer of ["Lenovo", "FUJITSU", "Quanta", "Amidala", undefined, null])
      assert.deepEqual(effectsFor({ Manufacturer }), {}, String(Manufacturer));
  });
});
