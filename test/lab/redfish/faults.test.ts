import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { FAULT_NAMES, type FaultName, type Faults } from "../../../lab/redfish/faults.js";
import { BmcOnLoopback, PASSWORD } from "./bmc-on-loopback.js";

const SYSTEM = "/redfish/v1/Systems/1";
const PXE = { Boot: { BootSourceOverrideTarget: "Pxe" } };

/** For each fault: how it is switched on, and what a client then meets. */
const SYMPTOMS: Record<FaultName, [Faults, string, (bmc: BmcOnLoopback) => Promise<void>]> = {
  bmcFreezes: [
    { bmcFreezes: true },
    "takes the connection and never answers",
    (bmc) => assert.rejects(bmc.ask("GET", SYSTEM), { code: "UND_ERR_HEADERS_TIMEOUT" }),
  ],
  dropsEvery: [
    { dropsEvery: 2 },
    "closes the connection of every second request",
    async (bmc) => {
      await bmc.ask("GET", SYSTEM);
      await assert.rejects(bmc.ask("POST", SYSTEM));
    },
  ],
  slowAnswers: [
    { slowAnswers: 150 },
    "answers late",
    async (bmc) => {
      const started = performance.now();
      await bmc.ask("GET", SYSTEM);
      assert.ok(performance.now() - started >= 149);
    },
  ],
  busy503: [
    { busy503: 1 },
    "answers 503 with Retry-After, then works",
    async (bmc) => {
      const busy = await bmc.ask("GET", SYSTEM);
      assert.deepEqual([busy.status, busy.headers["retry-after"]], [503, "1"]);
      assert.equal((await bmc.ask("GET", SYSTEM)).status, 200);
    },
  ],
  overrideIgnored: [
    { overrideIgnored: true },
    "shows the boot override and boots as usual",
    async (bmc) => {
      const patched = await bmc.ask("PATCH", SYSTEM, { body: PXE });
      assert.equal(patched.json.Boot.BootSourceOverrideTarget, "Pxe");
      await bmc.reset("On");
      assert.deepEqual(bmc.machine.boots, ["None"]);
    },
  ],
  overrideForgotten: [
    { overrideForgotten: true },
    "takes the boot override and does not show it",
    async (bmc) => {
      const patched = await bmc.ask("PATCH", SYSTEM, { body: PXE });
      assert.deepEqual([patched.status, patched.json.Boot.BootSourceOverrideTarget], [200, "None"]);
    },
  ],
  overrideRefused: [
    { overrideRefused: true },
    "refuses the boot override",
    async (bmc) => assert.equal((await bmc.ask("PATCH", SYSTEM, { body: PXE })).status, 400),
  ],
  noOnce: [
    { noOnce: true },
    "lists and takes no one-time boot override, and boots from the lasting one until it is disabled",
    async (bmc) => {
      const patch = async (Boot: object) => {
        const { status, json } = await bmc.ask("PATCH", SYSTEM, { body: { Boot } });
        return [status, status === 200 ? json.Boot.BootSourceOverrideEnabled : json.error.message];
      };
      const { Boot } = (await bmc.ask("GET", SYSTEM)).json;
      assert.deepEqual(Boot["BootSourceOverrideEnabled@Redfish.AllowableValues"], ["Disabled", "Continuous"]);
      assert.deepEqual(await patch({ BootSourceOverrideEnabled: "Once", BootSourceOverrideTarget: "Pxe" }), [
        400,
        "The value for the property is not in the list of acceptable values: Once.",
      ]);
      assert.deepEqual(await patch({ BootSourceOverrideTarget: "Pxe" }), [200, "Continuous"]);
      for (const state of ["On", "ForceRestart"]) await bmc.reset(state);
      assert.deepEqual(await patch({ BootSourceOverrideEnabled: "Disabled" }), [200, "Disabled"]);
      await bmc.reset("ForceRestart");
      assert.deepEqual(bmc.machine.boots, ["Pxe", "Pxe", "None"]);
    },
  ],
  slowPower: [
    { slowPower: 2_000 },
    "answers the reset before the power changes",
    async (bmc) => {
      assert.equal((await bmc.reset("On")).status, 204);
      assert.equal((await bmc.ask("GET", SYSTEM)).json.PowerState, "Off");
      await sleep(2_100);
      assert.equal((await bmc.ask("GET", SYSTEM)).json.PowerState, "On");
    },
  ],
  powerStuck: [
    { powerStuck: true },
    "answers the reset, and the power never changes",
    async (bmc) => {
      assert.equal((await bmc.reset("On")).status, 204);
      await sleep(100);
      assert.equal((await bmc.ask("GET", SYSTEM)).json.PowerState, "Off");
    },
  ],
  powerShown: [
    { powerShown: "Off" },
    "reports a power state that is not the machine's",
    async (bmc) => {
      await bmc.reset("On");
      await sleep(100);
      assert.equal((await bmc.ask("GET", SYSTEM)).json.PowerState, "Off");
      assert.equal(bmc.machine.power(), "On");
    },
  ],
  asyncReset: [
    { asyncReset: true },
    "answers 202 with a task that completes",
    async (bmc) => {
      const accepted = await bmc.reset("On");
      assert.deepEqual([accepted.status, accepted.json.TaskState], [202, "Running"]);
      const monitor = String(accepted.headers.location);
      await sleep(100);
      assert.equal((await bmc.ask("GET", monitor)).status, 204);
      assert.equal((await bmc.ask("GET", accepted.json["@odata.id"])).json.TaskState, "Completed");
    },
  ],
  resetFails: [
    { resetFails: true, asyncReset: true },
    "ends the task with an exception",
    async (bmc) => {
      const accepted = await bmc.reset("On");
      await sleep(20);
      const result = await bmc.ask("GET", String(accepted.headers.location));
      assert.equal(result.status, 500);
      assert.match(result.json.error.message, /the power controller did not answer/);
    },
  ],
  requireIfMatch: [
    { requireIfMatch: true },
    "wants an ETag with each change",
    async (bmc) => {
      assert.equal((await bmc.ask("PATCH", SYSTEM, { body: PXE })).status, 428);
      const etag = String((await bmc.ask("GET", SYSTEM)).headers.etag);
      assert.equal((await bmc.ask("PATCH", SYSTEM, { body: PXE, headers: { "if-match": etag } })).status, 200);
    },
  ],
  noSessions: [
    { noSessions: true },
    "has no session service, and names none",
    async (bmc) => {
      const body = { UserName: "admin", Password: PASSWORD };
      assert.equal((await bmc.ask("POST", "/redfish/v1/SessionService/Sessions", { body })).status, 404);
      assert.equal((await bmc.ask("GET", "/redfish/v1")).json.SessionService, undefined);
    },
  ],
  sessionsExpire: [
    { sessionsExpire: 1 },
    "forgets a token after its requests",
    async (bmc) => {
      const body = { UserName: "admin", Password: PASSWORD };
      const session = await bmc.ask("POST", "/redfish/v1/SessionService/Sessions", { body, authorization: null });
      const headers = { "x-auth-token": String(session.headers["x-auth-token"]) };
      assert.equal((await bmc.ask("GET", SYSTEM, { headers, authorization: null })).status, 200);
      assert.equal((await bmc.ask("GET", SYSTEM, { headers, authorization: null })).status, 401);
    },
  ],
  passwordRefused: [
    { passwordRefused: true },
    "refuses the right password",
    async (bmc) => assert.equal((await bmc.ask("GET", SYSTEM)).status, 401),
  ],
  otherSerial: [
    { otherSerial: "ANOTHER-1" },
    "reports another machine's serial number",
    async (bmc) => assert.equal((await bmc.ask("GET", SYSTEM)).json.SerialNumber, "ANOTHER-1"),
  ],
  noLink: [
    { noLink: true },
    "reports no link while the machine is on",
    async (bmc) => {
      const link = async () => (await bmc.ask("GET", `${SYSTEM}/EthernetInterfaces/1`)).json.LinkStatus;
      await bmc.reset("On");
      assert.equal(await link(), "LinkDown");
      bmc.bmc.faults = {};
      assert.equal(await link(), "LinkUp");
    },
  ],
};

describe("a BMC with a fault", () => {
  let bmc: BmcOnLoopback;
  beforeEach(async () => {
    bmc = await BmcOnLoopback.start();
  });
  afterEach(() => bmc.stop());

  for (const name of FAULT_NAMES) {
    const [faults, symptom, meets] = SYMPTOMS[name];
    it(`${name}: ${symptom}`, async () => {
      bmc.bmc.faults = faults;
      await meets(bmc);
    });
  }

  it("is healthy again when its faults are cleared", async () => {
    bmc.bmc.faults = { passwordRefused: true, overrideIgnored: true };
    bmc.bmc.faults = {};
    await bmc.ask("PATCH", SYSTEM, { body: PXE });
    await bmc.reset("On");
    assert.deepEqual(bmc.machine.boots, ["Pxe"]);
  });
});
