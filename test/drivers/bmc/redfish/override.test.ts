import assert from "node:assert/strict";
import { normalMac } from "../../../../drivers/bmc/redfish/identity.js";
import { planOverride } from "../../../../drivers/bmc/redfish/override.js";
import { effectsFor, QUIRKS } from "../../../../drivers/bmc/redfish/quirks.js";

const off = { BootSourceOverrideEnabled: "Disabled", BootSourceOverrideTarget: "None" };

describe("the plan of a boot override", () => {
  it("does nothing when it is set already", () => {
    const Boot = { BootSourceOverrideEnabled: "Once", BootSourceOverrideTarget: "Pxe", BootSourceOverrideMode: "UEFI" };
    assert.deepEqual(planOverride({ Boot }, "pxe", "uefi"), {});
    assert.deepEqual(planOverride({ Boot: off }, "none", "uefi"), {});
  });

  it("makes a lasting override a one-time one", () => {
    const Boot = { BootSourceOverrideEnabled: "Continuous", BootSourceOverrideTarget: "Pxe" };
    assert.deepEqual(planOverride({ Boot }, "pxe", "uefi").change, {
      BootSourceOverrideEnabled: "Once",
      BootSourceOverrideTarget: "Pxe",
    });
    assert.deepEqual(planOverride({ Boot }, "none", "uefi").change, { BootSourceOverrideEnabled: "Disabled" });
  });

  it("tells the mode only where it is shown and differs", () => {
    const mode = (shown: string | undefined) =>
      planOverride({ Boot: { ...off, BootSourceOverrideMode: shown } }, "disk", "bios").change?.BootSourceOverrideMode;
    assert.equal(mode("UEFI"), "Legacy");
    assert.equal(mode("Legacy"), undefined);
    assert.equal(mode(undefined), undefined);
  });

  it("leaves the mode alone where a boot source is taken back, also on a BMC whose overrides only last", () => {
    const Boot = {
      BootSourceOverrideEnabled: "Continuous",
      BootSourceOverrideTarget: "Pxe",
      BootSourceOverrideMode: "Legacy",
    };
    assert.deepEqual(planOverride({ Manufacturer: "Sushy Emulator", Boot }, "none", "uefi").change, {
      BootSourceOverrideEnabled: "Continuous",
      BootSourceOverrideTarget: "Hdd",
    });
  });

  it("always tells Supermicro the mode, if it shows one", () => {
    const plan = (Boot: Record<string, string>) =>
      planOverride({ Manufacturer: "Supermicro", Boot }, "pxe", "uefi").change;
    assert.equal(plan({ ...off, BootSourceOverrideMode: "UEFI" })?.BootSourceOverrideMode, "UEFI");
    assert.equal(plan(off)?.BootSourceOverrideMode, undefined);
  });

  it("clears a URI that somebody has left for UEFI HTTP boot, and touches none otherwise", () => {
    const Boot = {
      BootSourceOverrideEnabled: "Once",
      BootSourceOverrideTarget: "UefiHttp",
      HttpBootUri: "http://192.0.2.9/old.efi",
    };
    const set = { BootSourceOverrideEnabled: "Once", BootSourceOverrideTarget: "UefiHttp" };
    assert.deepEqual(planOverride({ Boot }, "uefi-http", "uefi").change, { ...set, HttpBootUri: null });
    assert.deepEqual(planOverride({ Boot }, "pxe", "uefi").change, { ...set, BootSourceOverrideTarget: "Pxe" });
    for (const HttpBootUri of [undefined, null, ""]) {
      assert.deepEqual(planOverride({ Boot: { ...Boot, HttpBootUri } }, "uefi-http", "uefi"), {});
      assert.deepEqual(planOverride({ Boot: { ...off, HttpBootUri } }, "uefi-http", "uefi").change, set);
    }
  });

  it("names a target that the BMC does not offer", () => {
    const Boot = { ...off, "BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Pxe", "Hdd"] };
    assert.equal(
      planOverride({ Boot }, "uefi-http", "uefi").unsupported,
      "no boot target UefiHttp, only None, Pxe, Hdd",
    );
  });
});

describe("the table of quirks", () => {
  it("names a public source for each row", () => {
    for (const { source } of QUIRKS) assert.match(source, /^https:\/\//);
  });

  it("leaves vendors without a row alone", () => {
    assert.deepEqual(effectsFor({ Manufacturer: "Quanta" }), {});
    assert.deepEqual(effectsFor({}), {});
  });
});

describe("a MAC address of a BMC", () => {
  for (const [written, normal] of [
    ["52-54-00-AA-BB-CC", "52:54:00:aa:bb:cc"],
    ["525400aabbcc", "52:54:00:aa:bb:cc"],
    ["", undefined],
    ["N/A", undefined],
  ] as const)
    it(`"${written}" is ${normal ?? "none"}`, () => assert.equal(normalMac(written), normal));
});
