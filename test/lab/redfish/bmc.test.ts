import assert from "node:assert/strict";
import { waitUntil } from "../../../foundation/wait.js";
import { BmcOnLoopback, PASSWORD } from "./bmc-on-loopback.js";

const SYSTEM = "/redfish/v1/Systems/1";
const SESSIONS = "/redfish/v1/SessionService/Sessions";

describe("an emulated BMC", () => {
  let bmc: BmcOnLoopback;
  beforeEach(async () => {
    bmc = await BmcOnLoopback.start();
  });
  afterEach(() => bmc.stop());

  const patience = { deadlineMs: 30_000, intervalMs: 20, remedy: "" };
  const powerIs = (state: string) =>
    waitUntil(async () => (await bmc.ask("GET", SYSTEM)).json.PowerState === state, { ...patience, reason: state });

  it("shows its service root without authentication, and nothing else", async () => {
    assert.equal((await bmc.ask("GET", "/redfish/v1/", { authorization: null })).status, 200);
    const refused = await bmc.ask("GET", SYSTEM, { authorization: null });
    assert.equal(refused.status, 401);
    assert.equal(refused.json.error["@Message.ExtendedInfo"][0].MessageId, "Base.1.8.NoValidSession");
  });

  it("leads from the root to every resource that it names", async () => {
    const seen = new Set<string>();
    const follow = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const { status, json } = await bmc.ask("GET", path);
      assert.equal(status, 200, path);
      for (const [, next] of JSON.stringify(json).matchAll(/"@odata\.id":"([^"]+)"/g)) await follow(next ?? "");
    };
    await follow("/redfish/v1/");
    assert.ok(seen.has(`${SYSTEM}/EthernetInterfaces/2`));
    assert.ok(seen.has("/redfish/v1/TaskService/Tasks"));
    assert.ok(seen.size >= 12, [...seen].join(" "));
  });

  it("tells the machine's identity, power and possible boot sources", async () => {
    const { json } = await bmc.ask("GET", SYSTEM);
    assert.equal(json.SerialNumber, "RACK-test-01");
    assert.equal(json.PowerState, "Off");
    assert.deepEqual(json.Boot["BootSourceOverrideTarget@Redfish.AllowableValues"], ["None", "Pxe", "Hdd", "UefiHttp"]);
  });

  it("uses a one-time boot source for one boot, a continuous one for all", async () => {
    await bmc.ask("PATCH", SYSTEM, { body: { Boot: { BootSourceOverrideTarget: "Pxe" } } });
    assert.equal((await bmc.ask("GET", SYSTEM)).json.Boot.BootSourceOverrideEnabled, "Once");
    await bmc.reset("On");
    assert.equal((await bmc.ask("GET", SYSTEM)).json.Boot.BootSourceOverrideEnabled, "Disabled");
    await bmc.reset("ForceRestart");
    const body = { Boot: { BootSourceOverrideTarget: "UefiHttp", BootSourceOverrideEnabled: "Continuous" } };
    await bmc.ask("PATCH", SYSTEM, { body });
    await bmc.reset("PowerCycle");
    await bmc.reset("ForceRestart");
    assert.deepEqual(bmc.machine.boots, ["Pxe", "None", "UefiHttp", "UefiHttp"]);
  });

  it("refuses what the firmware does not have, naming it", async () => {
    const unknown = await bmc.ask("PATCH", SYSTEM, { body: { Boot: { BootSourceOverrideTarget: "Floppy" } } });
    assert.equal(unknown.status, 400);
    assert.equal(
      unknown.json.error.message,
      "The value for the property is not in the list of acceptable values: Floppy.",
    );
    const mode = await bmc.ask("PATCH", SYSTEM, { body: { Boot: { BootSourceOverrideMode: "Legacy" } } });
    assert.equal(mode.status, 400);
    assert.equal((await bmc.ask("PATCH", SYSTEM, { body: { SerialNumber: "x" } })).status, 400);
    assert.equal((await bmc.reset("Explode")).status, 400);
    assert.equal((await bmc.ask("PATCH", SYSTEM, { body: "{" })).status, 400);
  });

  it("changes nothing when the ETag is of an earlier state", async () => {
    const { headers } = await bmc.ask("GET", SYSTEM);
    const etag = String(headers.etag);
    await bmc.reset("On");
    const body = { Boot: { BootSourceOverrideTarget: "Pxe" } };
    assert.equal((await bmc.ask("PATCH", SYSTEM, { body, headers: { "if-match": etag } })).status, 412);
    assert.equal((await bmc.ask("GET", SYSTEM)).json.Boot.BootSourceOverrideTarget, "None");
  });

  it("lets a session's token in until the session is deleted", async () => {
    const wrong = await bmc.ask("POST", SESSIONS, {
      body: { UserName: "admin", Password: "guess" },
      authorization: null,
    });
    assert.equal(wrong.status, 401);
    const body = { UserName: "admin", Password: PASSWORD };
    const session = await bmc.ask("POST", SESSIONS, { body, authorization: null });
    assert.equal(session.status, 201);
    const headers = { "x-auth-token": String(session.headers["x-auth-token"]) };
    assert.equal((await bmc.ask("GET", SYSTEM, { headers, authorization: null })).status, 200);
    assert.equal(
      (await bmc.ask("DELETE", String(session.headers.location), { headers, authorization: null })).status,
      204,
    );
    assert.equal((await bmc.ask("GET", SYSTEM, { headers, authorization: null })).status, 401);
  });

  for (const type of ["ForceOff", "GracefulShutdown", "PushPowerButton"]) {
    it(`switches a running machine off by ${type}`, async () => {
      await bmc.reset("On");
      assert.equal((await bmc.reset(type)).status, 204);
      await powerIs("Off");
    });
  }

  it("switches on again after a graceful restart", async () => {
    await bmc.reset("On");
    assert.equal((await bmc.reset("GracefulRestart")).status, 204);
    await waitUntil(async () => bmc.machine.boots.length === 2, { ...patience, reason: "its second boot" });
    await powerIs("On");
  });

  it("reports each request with what it answered", async () => {
    await bmc.ask("GET", `${SYSTEM}/`);
    await bmc.ask("GET", "/redfish/v1/Nothing?x=1");
    assert.deepEqual(bmc.requests, [`GET ${SYSTEM} 200`, "GET /redfish/v1/Nothing 404"]);
  });
});
