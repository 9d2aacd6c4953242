import assert from "node:assert/strict";
import { PASSWORD } from "./bench.js";
import { PlainService, reset } from "./plain-service.js";

const SYSTEM = "/redfish/v1/Systems/1";
const message = (key: string) => ({ error: { code: `Ami.1.0.${key}`, message: "No." } });

describe("Redfish services with odd ways", function () {
  this.timeout(120_000);

  for (const [status, MessageId] of [
    [400, "Base.1.8.SessionLimitExceeded"],
    [503, "Base.1.8.SessionLimitExceeded"],
    [503, "IDRAC.2.4.RAC0218"],
  ] as const)
    it(`that have no session left (${status} ${MessageId}): logs in with every request, and opens none later`, async () => {
      await using service = new PlainService();
      const Sessions = { "@odata.id": "/redfish/v1/SessionService/Sessions" };
      Object.assign(service.resources["/redfish/v1/"] ?? {}, { Links: { Sessions } });
      service.resources[SYSTEM] = { PowerState: "On" };
      const info = { MessageId, Message: "The maximum number of user sessions is reached." };
      service.change = () => ({ status, body: { error: { "@Message.ExtendedInfo": [info] } } });
      const bmc = await service.open();
      assert.equal(await bmc.power(), "on");
      assert.equal(await bmc.power(), "on");
      await bmc.close();
      assert.deepEqual(
        service.sent.map(({ method, path }) => `${method} ${path}`),
        ["POST /redfish/v1/SessionService/Sessions"],
      );
      const basic = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString("base64")}`;
      const asked = service.authorisations.filter(([path]) => path === SYSTEM);
      assert.ok(asked.length > 1);
      for (const [, authorisation] of asked) assert.equal(authorisation, basic);
    });

  it("that move their resources elsewhere on the same host are followed", async () => {
    await using service = new PlainService();
    service.resources["/redfish/v1/Systems/1/"] = { PowerState: "On" };
    service.look = (path) => (path === SYSTEM ? { status: 308, headers: { location: `${SYSTEM}/` } } : undefined);
    assert.equal(await (await service.open()).power(), "on");
  });

  it("that point to another host are not followed: no password goes there", async () => {
    await using service = new PlainService();
    service.look = (path) =>
      path === SYSTEM ? { status: 307, headers: { location: "https://other.example.com/redfish" } } : undefined;
    await assert.rejects((await service.open()).power(), {
      code: "BMC_ANSWER",
      message:
        /: expected an answer to GET \/redfish\/v1\/Systems\/1 but found a redirection to https:\/\/other\.example\.com\/redfish\./,
    });
  });

  it("that move their resources in a circle are left", async () => {
    await using service = new PlainService();
    service.look = (path) => (path === SYSTEM ? { status: 302, headers: { location: SYSTEM } } : undefined);
    await assert.rejects((await service.open()).power(), { code: "BMC_ANSWER", found: /a redirection to https:/ });
  });

  it("with relative links, and links to addresses of their own, are understood", async () => {
    await using service = new PlainService();
    service.resources["/redfish/v1/"] = { Systems: { "@odata.id": "Systems/" } };
    service.resources["/redfish/v1/Systems/"] = {
      Members: [{ "@odata.id": "https://169.254.0.17/redfish/v1/Systems/1" }],
    };
    const system = { PowerState: "Off", Actions: { "#ComputerSystem.Reset": { target: "1/Reset" } } };
    service.resources[SYSTEM] = system;
    service.change = () => {
      system.PowerState = "On";
      return { status: 204 };
    };
    await (await service.open()).setPower("on");
    assert.deepEqual(
      service.sent.map(({ path }) => path),
      ["/redfish/v1/Systems/1/Reset"],
    );
  });

  it("that lack the declared system: says which there are", async () => {
    await using service = new PlainService();
    service.resources["/redfish/v1/Systems"] = {
      Members: [{ "@odata.id": "/redfish/v1/Systems/Blade1" }, { "@odata.id": "/redfish/v1/Systems/Blade2" }],
    };
    await assert.rejects((await service.open("/redfish/v1/Systems/Blade9")).power(), {
      code: "BMC_SYSTEM",
      message:
        /: expected a system at \/redfish\/v1\/Systems\/Blade9 but found only \/redfish\/v1\/Systems\/Blade1, \/redfish\/v1\/Systems\/Blade2\. Correct bmc\.system of node01, or leave it out where there is only one\. \[BMC_SYSTEM\]$/,
    });
  });

  it("that list the board of their GPUs as a system: it is none", async () => {
    await using service = new PlainService();
    service.resources["/redfish/v1/Systems"] = {
      Members: [
        { "@odata.id": "/redfish/v1/Systems/HGX_Baseboard_0" },
        { "@odata.id": "/redfish/v1/Systems/System_0" },
      ],
    };
    service.resources["/redfish/v1/Systems/System_0"] = { PowerState: "On" };
    assert.equal(await (await service.open()).power(), "on");
  });

  it("that are busy when told to reset: waits as long as they ask, and tells it once more", async () => {
    await using service = new PlainService();
    const system = { PowerState: "Off", Actions: reset(["On"]) };
    service.resources[SYSTEM] = system;
    const sentAt: number[] = [];
    service.change = () => {
      sentAt.push(performance.now());
      if (sentAt.length === 1) return { status: 503, headers: { "retry-after": "1" } };
      system.PowerState = "On";
      return { status: 204 };
    };
    await (await service.open()).setPower("on");
    assert.equal(sentAt.length, 2);
    assert.ok((sentAt[1] ?? 0) - (sentAt[0] ?? 0) >= 990, "Retry-After: 1 was not heeded");
  });

  it("that are away while the machine comes on: waits for both", async () => {
    await using service = new PlainService();
    const system = { PowerState: "Off", Actions: reset(["On"]) };
    service.resources[SYSTEM] = system;
    let away = 0;
    service.change = () => {
      away = 12; // more than one look repeats
      return { status: 204 };
    };
    service.look = (path) => {
      if (path !== SYSTEM || away === 0) return undefined;
      away -= 1;
      if (away === 0) system.PowerState = "On";
      return "drop";
    };
    await (await service.open()).setPower("on");
    assert.equal(service.sent.length, 1);
  });

  it("that stay busy: says so when the deadline has passed", async () => {
    await using service = new PlainService();
    service.resources[SYSTEM] = { PowerState: "Off", Actions: reset(["On"]) };
    service.change = () => ({ status: 503, body: message("Busy") });
    await assert.rejects((await service.open()).setPower("on", { deadlineMs: 700 }), {
      code: "BMC_TIMEOUT",
      found: "Off, and a BMC that is busy: HTTP 503: No.",
    });
  });

  it("that answer a reset with the task instead of its address: follows it", async () => {
    await using service = new PlainService();
    const system = { PowerState: "Off", Actions: reset(["On"]) };
    service.resources[SYSTEM] = system;
    service.resources["/redfish/v1/TaskService/Tasks/7"] = {
      TaskState: "Exception",
      Messages: [{ Message: "No PSU." }],
    };
    service.change = () => ({
      status: 202,
      headers: { "retry-after": "0" },
      body: { "@odata.id": "/redfish/v1/TaskService/Tasks/7", TaskState: "Running" },
    });
    await assert.rejects((await service.open()).setPower("on"), {
      code: "BMC_REFUSED",
      found: "task Exception: No PSU.",
    });
  });

  it("that want their ETag in another form: tries the forms that BMCs take", async () => {
    await using service = new PlainService();
    const Boot = { BootSourceOverrideEnabled: "Disabled" };
    service.look = (path) =>
      path === SYSTEM ? { status: 200, headers: { etag: 'W/"7"' }, body: { Boot } } : undefined;
    service.change = ({ body, ifMatch }) => {
      if (ifMatch !== '"7"') return { status: 412 };
      Object.assign(Boot, (body as { Boot: object }).Boot);
      return { status: 204 };
    };
    await (await service.open()).setBootOnce("pxe", "uefi");
    assert.deepEqual(
      service.sent.map(({ ifMatch }) => ifMatch),
      ['W/"7"', '"7"'],
    );
  });

  it("that want a condition although they show no ETag: takes any", async () => {
    await using service = new PlainService();
    const Boot = { BootSourceOverrideEnabled: "Disabled" };
    service.resources[SYSTEM] = { Boot };
    service.change = ({ body, ifMatch }) => {
      if (ifMatch === undefined) return { status: 428, body: message("PreconditionHeaderMissing") };
      Object.assign(Boot, (body as { Boot: object }).Boot);
      return { status: 204 };
    };
    await (await service.open()).setBootOnce("pxe", "uefi");
    assert.deepEqual(
      service.sent.map(({ ifMatch }) => ifMatch),
      [undefined, "*"],
    );
  });

  it("that say that the override belongs into their settings: changes it there, whoever made them", async () => {
    await using service = new PlainService();
    service.resources[SYSTEM] = {
      Manufacturer: "Nobody knows",
      "@Redfish.Settings": { SettingsObject: { "@odata.id": `${SYSTEM}/SD` } },
      Boot: { BootSourceOverrideEnabled: "Disabled" },
    };
    const Boot = { BootSourceOverrideEnabled: "Disabled" };
    service.resources[`${SYSTEM}/SD`] = { Boot };
    service.change = ({ path, body }) => {
      if (path === SYSTEM) return { status: 400, body: message("OperationSupportedInFutureStateURI") };
      Object.assign(Boot, (body as { Boot: object }).Boot);
      return { status: 204 };
    };
    assert.equal(await (await service.open()).setBootOnce("pxe", "uefi"), "once");
  });

  it("that still hold a URI for UEFI HTTP boot: has it cleared, and names one that stays", async () => {
    await using service = new PlainService();
    const Boot: Record<string, unknown> = {
      BootSourceOverrideEnabled: "Disabled",
      HttpBootUri: "http://192.0.2.9/old.efi",
    };
    service.resources[SYSTEM] = { Boot };
    let keeps = true;
    service.change = ({ body }) => {
      const { HttpBootUri = Boot.HttpBootUri, ...others } = (body as { Boot: Record<string, unknown> }).Boot;
      Object.assign(Boot, others, keeps ? {} : { HttpBootUri });
      return { status: 204 };
    };
    const bmc = await service.open(undefined, { shownMs: 50 });
    await assert.rejects(bmc.setBootOnce("uefi-http", "uefi"), {
      code: "BMC_BOOT_IGNORED",
      expected: "boot override Once, UefiHttp",
      found: "Once, UefiHttp, HttpBootUri http://192.0.2.9/old.efi",
    });
    keeps = false;
    assert.equal(await bmc.setBootOnce("uefi-http", "uefi"), "once");
    assert.equal(Boot.HttpBootUri, null);
  });

  it("with lasting overrides only: sets one, says that it lasts, and takes it back", async () => {
    await using service = new PlainService();
    const Boot = {
      BootSourceOverrideEnabled: "Disabled",
      "BootSourceOverrideEnabled@Redfish.AllowableValues": ["Disabled", "Continuous"],
    };
    service.resources[SYSTEM] = { Boot };
    service.change = ({ body }) => {
      Object.assign(Boot, (body as { Boot: object }).Boot);
      return { status: 204 };
    };
    const bmc = await service.open();
    assert.equal(await bmc.setBootOnce("pxe", "uefi"), "lasting");
    assert.equal(await bmc.setBootOnce("pxe", "uefi"), "lasting");
    assert.equal(service.sent.length, 1);
    await bmc.setBootOnce("none", "uefi");
    assert.equal(Boot.BootSourceOverrideEnabled, "Disabled");
  });

  it("that refuse for now and never get over it: says what they said", async () => {
    await using service = new PlainService();
    service.resources[SYSTEM] = { Manufacturer: "HPE", Boot: { BootSourceOverrideEnabled: "Disabled" } };
    service.change = () => ({ status: 400, body: message("UnableToModifyDuringSystemPOST") });
    const bmc = await service.open(undefined, { passingMs: 300, passingPauseMs: 50 });
    await assert.rejects(bmc.setBootOnce("pxe", "uefi"), {
      code: "BMC_BUSY",
      message:
        /: expected boot from pxe to be accepted but found HTTP 400: No\. The BMC refuses this for now, as while the machine starts\. Run the update again when it is through\. \[BMC_BUSY\]$/,
    });
    assert.ok(service.sent.length > 1);
  });
});
