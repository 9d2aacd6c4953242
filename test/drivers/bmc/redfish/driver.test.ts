import assert from "node:assert/strict";
import type { BmcDriver } from "../../../../drivers/bmc/driver.js";
import type { RedfishAddress } from "../../../../drivers/bmc/redfish/address.js";
import type { Tuning } from "../../../../drivers/bmc/redfish/client.js";
import { openRedfish } from "../../../../drivers/bmc/redfish/driver.js";
import { driverContext } from "../context.js";
import { promisesOfEveryDriver } from "../contract.js";
import { type RedfishBench, redfishBench, tls } from "./bench.js";

promisesOfEveryDriver("redfish", redfishBench);

describe("the Redfish driver", function () {
  this.timeout(120_000);
  let bench: RedfishBench;
  const opened: BmcDriver[] = [];
  beforeEach(async () => {
    bench = await redfishBench();
  });
  afterEach(async () => {
    for (const bmc of opened.splice(0)) await bmc.close();
    await bench[Symbol.asyncDispose]();
  });

  async function open(change: Partial<RedfishAddress> = {}, tuning: Partial<Tuning> = {}): Promise<BmcDriver> {
    const address = { ...bench.address, ...change };
    const bmc = await openRedfish(address, driverContext(), { pauseMs: 10, ...tuning });
    opened.push(bmc);
    return bmc;
  }
  const sent = (method: string) => bench.requests.filter((request) => request.method === method);
  const subject = () => `node01, BMC at ${bench.address.url}`;

  describe("trusts", () => {
    it("a certificate of the declared CA", async () => {
      assert.equal(await (await open()).power(), "off");
    });

    it("a pinned certificate, whoever signed it, in any spelling", async () => {
      const plain = tls.fingerprint.replaceAll(":", "").toLowerCase();
      assert.equal(await (await open({ ca: undefined, fingerprint: tls.fingerprint })).power(), "off");
      assert.equal(await (await open({ ca: undefined, fingerprint: plain })).power(), "off");
    });

    it("no other certificate than the pinned one, and sends nothing to it", async () => {
      const other = `AA${tls.fingerprint.slice(2)}`;
      const pinned = other === tls.fingerprint ? `BB${tls.fingerprint.slice(2)}` : other;
      await assert.rejects((await open({ fingerprint: pinned })).power(), {
        code: "BMC_CERTIFICATE",
        message:
          `${subject()}: expected certificate ${pinned} but found ${tls.fingerprint}. Declare its CA (bmc.ca), or its ` +
          "fingerprint (bmc.fingerprint) after comparing it with the BMC's own page. Nothing was sent to it. [BMC_CERTIFICATE]",
      });
      assert.deepEqual(bench.requests, []);
    });

    it("neither a foreign CA nor, without one, an unknown one, and shows the fingerprint to compare", async () => {
      await assert.rejects((await open({ ca: tls.otherCa })).power(), {
        code: "BMC_CERTIFICATE",
        found: `UNABLE_TO_VERIFY_LEAF_SIGNATURE, SHA-256 ${tls.fingerprint}`,
        expected: "a certificate for 127.0.0.1 signed by the declared CA",
      });
      await assert.rejects((await open({ ca: undefined })).power(), {
        code: "BMC_CERTIFICATE",
        expected: "a certificate for 127.0.0.1 signed by a known CA",
      });
      assert.deepEqual(bench.requests, []);
    });

    it("no certificate of the right CA for another address", async () => {
      const url = bench.address.url.replace("127.0.0.1", "localhost");
      await assert.rejects((await open({ url })).power(), {
        code: "BMC_CERTIFICATE",
        found: `ERR_TLS_CERT_ALTNAME_INVALID, SHA-256 ${tls.fingerprint}`,
      });
    });
  });

  describe("logs in", () => {
    it("once for many calls, and ends the session", async () => {
      const bmc = await open();
      await Promise.all([bmc.power(), bmc.power(), bmc.identity()]);
      await bmc.power();
      assert.equal(sent("POST").length, 1);
      await bmc.close();
      assert.deepEqual(
        sent("DELETE").map(({ status }) => status),
        [204],
      );
    });

    it("again when the session has expired", async () => {
      bench.bmc.faults = { sessionsExpire: 2 };
      const bmc = await open();
      for (let call = 0; call < 5; call++) assert.equal(await bmc.power(), "off");
      assert.ok(sent("POST").length > 1);
    });

    for (const [moment, method, path] of [
      ["the login", "POST", /\/Sessions$/],
      ["a look", "GET", /\/Systems\/[^/]+$/],
      ["a change", "PATCH", /\/Systems\/[^/]+$/],
    ] as const)
      it(`and leaves no session behind when ${moment} is cancelled`, async () => {
        const cancelled = new AbortController();
        let there: string[] = [];
        bench.onRequest = (request) => {
          if (request.method !== method || !path.test(request.path)) return;
          there = bench.bmc.sessionIds();
          cancelled.abort(new Error("Ctrl-C"));
        };
        const bmc = await openRedfish(bench.address, driverContext({ signal: cancelled.signal }), { pauseMs: 10 });
        await assert.rejects(bmc.setBootOnce("pxe", "uefi"), { message: "Ctrl-C" });
        await bmc.close();
        assert.equal(there.length, 1, "there was none");
        assert.deepEqual(bench.bmc.sessionIds(), []);
      });

    it("and does not wait for a BMC that freezes during a login that is cancelled, nor lets the next call fail with it", async () => {
      const cancelled = new AbortController();
      bench.onRequest = ({ path, status }) => {
        if (path === "/redfish/v1" && status === 200) bench.bmc.faults = { bmcFreezes: true };
        else if (status === 0) cancelled.abort(new Error("Ctrl-C"));
      };
      const bmc = await open({}, { requestMs: 1_000 });
      const off = { signal: cancelled.signal };
      await assert.rejects(bmc.setPower("off", off), { message: "Ctrl-C" });
      bench.onRequest = undefined;
      bench.bmc.faults = {};
      assert.equal(await bmc.power(), "off");
      await bmc.close();
      assert.deepEqual(bench.bmc.sessionIds(), []);
    });

    it("with every request when the BMC has no sessions", async () => {
      bench.bmc.faults = { noSessions: true };
      const bmc = await open();
      await bmc.setPower("on");
      assert.equal(await bmc.power(), "on");
      assert.ok(sent("POST").every(({ path }) => path.endsWith("ComputerSystem.Reset")));
    });

    for (const faults of [{}, { noSessions: true }])
      it(`and says who was not let in, without the password ${JSON.stringify(faults)}`, async () => {
        bench.bmc.faults = faults;
        const error = await (await open({ password: "wrong-password" })).power().catch((reason) => reason);
        assert.equal(error.code, "BMC_AUTH");
        assert.match(error.message, /: expected user admin to be let in but found HTTP 401: .+ Check bmc\.username/);
        assert.doesNotMatch(JSON.stringify({ ...error, text: error.message, stack: error.stack }), /wrong-password/);
      });
  });

  describe("stands", () => {
    it("a BMC that is busy for a while", async () => {
      bench.bmc.faults = { busy503: 2 };
      const started = performance.now();
      assert.equal(await (await open()).power(), "off");
      assert.ok(performance.now() - started >= 1_900, "Retry-After: 1 was not heeded");
    });

    it("a BMC that is busy for longer than a few requests", async () => {
      bench.bmc.faults = { busy503: 5 };
      assert.equal(await (await open()).power(), "off");
    });

    it("a BMC that hangs up on every third request", async () => {
      bench.bmc.faults = { dropsEvery: 3 };
      const bmc = await open();
      await bmc.setBootOnce("pxe", "uefi");
      await bmc.setPower("cycle");
      assert.equal(await bmc.power(), "on");
      assert.deepEqual(bench.boots(), ["pxe"]);
    });

    it("a BMC that wants If-Match", async () => {
      bench.bmc.faults = { requireIfMatch: true };
      await (await open()).setBootOnce("pxe", "uefi");
      assert.deepEqual(
        sent("PATCH").map(({ status }) => status),
        [200],
      );
    });

    it("a BMC that takes long to show a boot override: it has not ignored it", async () => {
      bench.onRequest = ({ method }) => {
        bench.bmc.faults = method === "PATCH" ? { slowAnswers: 16_000 } : {};
      };
      assert.equal(await (await open({}, { shownMs: 100 })).setBootOnce("pxe", "uefi"), "once");
    });

    it("a reset that is a task", async () => {
      bench.bmc.faults = { asyncReset: true, slowPower: 300 };
      await (await open()).setPower("on");
      assert.ok(bench.powered());
    });

    it("a power that changes long after the answer, without asking twice", async () => {
      bench.bmc.faults = { slowPower: 1_500 };
      await (await open()).setPower("on");
      assert.ok(bench.powered());
      assert.equal(sent("POST").filter(({ path }) => path.endsWith("Reset")).length, 1);
    });
  });

  describe("says", () => {
    it("that nothing answers", async () => {
      await bench[Symbol.asyncDispose]();
      await assert.rejects((await open()).power(), {
        code: "BMC_UNREACHABLE",
        message:
          `${subject()}: expected a Redfish service but found connection refused. ` +
          "Check that the BMC has power and network, and that this is its address. [BMC_UNREACHABLE]",
      });
      bench = await redfishBench();
    });

    it("that a BMC is frozen, when each request or the whole takes too long", async () => {
      bench.bmc.faults = { bmcFreezes: true };
      await assert.rejects((await open({}, { requestMs: 100 })).power(), {
        code: "BMC_TIMEOUT",
        message:
          `${subject()}: expected an answer to GET /redfish/v1/ within 0.1 s but found none. The BMC may be frozen: try its ` +
          "web page, reset the BMC (not the machine), then run the update again. [BMC_TIMEOUT]",
      });
      await assert.rejects((await open({}, { methodMs: 300 })).power(), {
        code: "BMC_TIMEOUT",
        message: /expected the power state within 0\.3 s/,
      });
      const asked = bench.requests.length;
      await assert.rejects((await open()).identity(), { code: "BMC_FROZEN", subject: subject() });
      assert.equal(bench.requests.length, asked);
    });

    it("that a machine is stuck, as often as it is: its BMC answers", async () => {
      bench.bmc.faults = { powerStuck: true };
      const bmc = await open();
      await bmc.power();
      for (let n = 0; n < 3; n += 1)
        await assert.rejects(bmc.setPower("on", { deadlineMs: 2_000 }), { code: "BMC_TIMEOUT" });
      assert.equal(await bmc.power(), "off");
    });

    it("that a BMC stays busy, which is neither frozen nor another service", async () => {
      bench.bmc.faults = { busy503: 1_000 };
      await assert.rejects((await open({}, { methodMs: 4_000 })).power(), {
        code: "BMC_TIMEOUT",
        message:
          `${subject()}: expected the power state within 4 s but found HTTP 503, again and again. The BMC may be starting, or ` +
          "updating itself: wait some minutes, then run the update again. If it stays busy, reset the BMC (not the machine). " +
          "[BMC_TIMEOUT]",
      });
    });

    for (const faults of [{ resetFails: true }, { resetFails: true, asyncReset: true }])
      it(`why a reset failed ${JSON.stringify(faults)}`, async () => {
        bench.bmc.faults = faults;
        await assert.rejects((await open()).setPower("on"), {
          code: "BMC_REFUSED",
          message: /expected power on \(On\) to be accepted but found .*the power controller did not answer/,
        });
      });

    it("why a boot override was refused", async () => {
      bench.bmc.faults = { overrideRefused: true };
      await assert.rejects((await open()).setBootOnce("pxe", "uefi"), {
        code: "BMC_REFUSED",
        message:
          /expected boot from pxe to be accepted but found HTTP 400: The property is a read only property .*BootSourceOverrideTarget/,
      });
    });

    it("that the machine has no such firmware mode, before it changes anything", async () => {
      await assert.rejects((await open()).setBootOnce("pxe", "bios"), {
        code: "BMC_REFUSED",
        message: /expected boot from pxe to be accepted but found no boot mode Legacy, only UEFI\./,
      });
      assert.deepEqual(sent("PATCH"), []);
    });
  });

  it("stops waiting at once when cancelled", async () => {
    bench.bmc.faults = { powerStuck: true };
    const started = performance.now();
    const signal = AbortSignal.timeout(300);
    await assert.rejects((await open()).setPower("on", { signal }), { name: "TimeoutError" });
    assert.ok(performance.now() - started < 30_000, "it would have waited a minute");
  });
});
