import assert from "node:assert/strict";
import { PlainService, reset } from "./plain-service.js";

describe("Redfish services of other makes", function () {
  this.timeout(120_000);

  describe("asked how the machine is", () => {
    const nic = (number: number) => `/redfish/v1/Systems/1/EthernetInterfaces/${number}`;
    const report = async (system: object, ...interfaces: object[]) => {
      await using service = new PlainService();
      service.resources["/redfish/v1/Systems/1"] = {
        PowerState: "On",
        EthernetInterfaces: { "@odata.id": "/redfish/v1/Systems/1/EthernetInterfaces" },
        ...system,
      };
      service.resources["/redfish/v1/Systems/1/EthernetInterfaces"] = {
        Members: interfaces.map((_, index) => ({ "@odata.id": nic(index + 1) })),
      };
      for (const [index, each] of interfaces.entries()) service.resources[nic(index + 1)] = each;
      return await (await service.open()).report?.();
    };

    it("tell memory, links and boot override, as far as they know them", async () =>
      assert.deepEqual(
        await report(
          {
            MemorySummary: { TotalSystemMemoryGiB: 0.0625 },
            Boot: { BootSourceOverrideEnabled: "Once", BootSourceOverrideTarget: "Pxe" },
          },
          { MACAddress: "52:54:00:00:00:01", LinkStatus: "LinkUp" },
          { PermanentMACAddress: "52-54-00-00-00-02", LinkStatus: "NoLink" },
          { MACAddress: "52:54:00:00:00:03", LinkStatus: null },
        ),
        {
          memory: 64,
          links: { "52:54:00:00:00:01": "up", "52:54:00:00:00:02": "down" },
          bootOverride: "Once, Pxe",
        },
      ));

    it("tell whether the machine boots securely: now, or as it is set", async () => {
      const path = "/redfish/v1/Systems/1/SecureBoot";
      const told = async (answer: object) => {
        await using service = new PlainService();
        service.resources["/redfish/v1/Systems/1"] = { PowerState: "On", SecureBoot: { "@odata.id": path } };
        service.resources[path] = answer;
        return (await (await service.open()).report?.())?.secureBoot;
      };
      assert.equal(await told({ SecureBootCurrentBoot: "Enabled", SecureBootEnable: false }), "on");
      assert.equal(await told({ SecureBootCurrentBoot: "Disabled", SecureBootEnable: true }), "off");
      assert.equal(await told({ SecureBootEnable: true }), "on");
      assert.equal(await told({}), undefined);
      assert.deepEqual(await report({ SecureBoot: { "@odata.id": "/redfish/v1/none" } }), {}, "a link to nothing");
    });

    it("say nothing of what they do not know, as of the memory of a machine that is off", async () => {
      assert.deepEqual(await report({ MemorySummary: { TotalSystemMemoryGiB: 0 } }), {});
      assert.deepEqual(await report({ MemorySummary: { TotalSystemMemoryGiB: null }, Boot: {} }), {});
    });
  });

  it("with several systems: asks which one, listing them, and takes the declared one", async () => {
    await using service = new PlainService();
    service.resources["/redfish/v1/Systems"] = {
      Members: [{ "@odata.id": "/redfish/v1/Systems/Blade1" }, { "@odata.id": "/redfish/v1/Systems/Blade2" }],
    };
    service.resources["/redfish/v1/Systems/Blade2"] = { PowerState: "On" };
    await assert.rejects((await service.open()).power(), {
      code: "BMC_SYSTEM",
      message:
        /: expected one system but found \/redfish\/v1\/Systems\/Blade1, \/redfish\/v1\/Systems\/Blade2\. Say which one node01 is: bmc\.system: \/redfish\/v1\/Systems\/Blade1 \[BMC_SYSTEM\]$/,
    });
    await using other = new PlainService();
    Object.assign(other.resources, service.resources);
    assert.equal(await (await other.open("/redfish/v1/Systems/Blade2")).power(), "on");
  });

  for (const [state, counts] of [
    ["PoweringOn", "off"],
    ["PoweringOff", "on"],
    ["Paused", "on"],
  ] as const)
    it(`${state} counts as ${counts}`, async () => {
      await using service = new PlainService();
      service.resources["/redfish/v1/Systems/1"] = { PowerState: state };
      assert.equal(await (await service.open()).power(), counts);
    });

  it("without a power state: says so", async () => {
    await using service = new PlainService();
    service.resources["/redfish/v1/Systems/1"] = { PowerState: null };
    await assert.rejects((await service.open()).power(), {
      code: "BMC_ANSWER",
      message: /: expected PowerState On or Off at \/redfish\/v1\/Systems\/1 but found none\./,
    });
  });

  it("that only press the power button: presses it once, however long it takes", async () => {
    await using service = new PlainService();
    const system = { PowerState: "Off", Actions: reset(["PushPowerButton", "Nmi"]) };
    service.resources["/redfish/v1/Systems/1"] = system;
    service.change = () => {
      setTimeout(() => {
        system.PowerState = "On";
      }, 1_200);
      return { status: 200, body: {} };
    };
    await (await service.open()).setPower("on");
    assert.deepEqual(
      service.sent.map(({ body }) => body),
      [{ ResetType: "PushPowerButton" }],
    );
  });

  it("that tell their reset types in an action info", async () => {
    await using service = new PlainService();
    const system = {
      PowerState: "On",
      Actions: { "#ComputerSystem.Reset": { target: "/redfish/v1/Systems/1/Reset", "@Redfish.ActionInfo": "/info" } },
    };
    service.resources["/redfish/v1/Systems/1"] = system;
    service.resources["/info"] = { Parameters: [{ Name: "ResetType", AllowableValues: ["On", "GracefulShutdown"] }] };
    service.change = () => {
      system.PowerState = "Off";
      return { status: 204 };
    };
    await (await service.open()).setPower("off");
    assert.deepEqual(
      service.sent.map(({ body }) => body),
      [{ ResetType: "GracefulShutdown" }],
    );
  });

  it("that offer no way: says what they offer", async () => {
    await using service = new PlainService();
    service.resources["/redfish/v1/Systems/1"] = { PowerState: "Off", Actions: reset(["Nmi"]) };
    await assert.rejects((await service.open()).setPower("on"), {
      code: "BMC_REFUSED",
      message: /: expected power on to be accepted but found only Nmi\./,
    });
  });

  it("that refuse to do what is done already: believes the machine", async () => {
    await using service = new PlainService();
    const system = { PowerState: "Off", Actions: reset(undefined) };
    service.resources["/redfish/v1/Systems/1"] = system;
    service.change = () => {
      system.PowerState = "On"; // someone was faster
      return { status: 409, body: { error: { message: "The system is already on." } } };
    };
    await (await service.open()).setPower("on");
    assert.equal(service.sent.length, 1);
  });

  it("whose monitor lies behind an absolute address and vanishes when done", async () => {
    await using service = new PlainService();
    const system = { PowerState: "Off", Actions: reset(["On"]) };
    service.resources["/redfish/v1/Systems/1"] = system;
    service.resources["/monitor"] = { TaskState: "Running" };
    service.change = () => {
      setTimeout(() => {
        delete service.resources["/monitor"];
        system.PowerState = "On";
      }, 500);
      return { status: 202, headers: { location: "https://192.168.0.7/monitor", "retry-after": "0" } };
    };
    await (await service.open()).setPower("on");
    assert.equal(system.PowerState, "On");
  });

  it("that take an override and do not show it: says so", async () => {
    await using service = new PlainService();
    service.resources["/redfish/v1/Systems/1"] = {
      Boot: { BootSourceOverrideEnabled: "Disabled", BootSourceOverrideTarget: "None" },
    };
    await assert.rejects((await service.open()).setBootOnce("pxe", "uefi"), {
      code: "BMC_BOOT_IGNORED",
      message:
        /: expected boot override Once, Pxe but found Disabled, None\. The BMC took the change and does not show it\./,
    });
    assert.deepEqual(
      service.sent.map(({ body }) => body),
      [{ Boot: { BootSourceOverrideEnabled: "Once", BootSourceOverrideTarget: "Pxe" } }],
    );
  });

  it("that keep the override with the settings of the next boot (ASRock)", async () => {
    await using service = new PlainService();
    service.resources["/redfish/v1/Systems/1"] = {
      Manufacturer: "ASRockRack",
      "@Redfish.Settings": { SettingsObject: { "@odata.id": "/redfish/v1/Systems/1/SD" } },
      Boot: { BootSourceOverrideEnabled: "Disabled" },
    };
    const boot = { BootSourceOverrideEnabled: "Disabled" };
    service.resources["/redfish/v1/Systems/1/SD"] = { Boot: boot };
    service.change = ({ path, body }) => {
      if (path !== "/redfish/v1/Systems/1/SD") return { status: 400 };
      Object.assign(boot, (body as { Boot: object }).Boot);
      return { status: 204 };
    };
    await (await service.open()).setBootOnce("pxe", "uefi");
    assert.equal(service.sent[0]?.path, "/redfish/v1/Systems/1/SD");
  });

  it("that are none: says so", async () => {
    await using service = new PlainService();
    service.resources["/redfish/v1/"] = { hello: "world" };
    await assert.rejects((await service.open()).power(), {
      code: "BMC_ANSWER",
      message: /: expected a Redfish service root at \/redfish\/v1\/ but found HTTP 200\./,
    });
  });
});
