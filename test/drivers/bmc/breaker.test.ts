import assert from "node:assert/strict";
import { isSilence, whileAnswering } from "../../../drivers/bmc/breaker.js";
import { FlintError } from "../../../foundation/errors.js";

const silence = new FlintError("BMC_TIMEOUT", {
  subject: "node01, BMC at https://10.0.100.150",
  expected: "the power state within 1 min",
  found: "nothing after 1 min",
  remedy: "Reset it.",
});
const refusal = new FlintError("BMC_AUTH", { subject: "node01", remedy: "Correct it." });

describe("a BMC that may be frozen", () => {
  let key = 0;
  let calls = 0;
  const failing = (error: Error) => async () => {
    calls += 1;
    throw error;
  };
  const call = (work: () => Promise<unknown>, machine = "node01", address = key) =>
    whileAnswering({ key: `bmc-${address}`, subject: `${machine}, BMC at https://bmc-${address}` }, work, isSilence);
  beforeEach(() => {
    key += 1;
    calls = 0;
  });

  it("is left alone after two calls in a row without an answer, and the next machine is told at once", async () => {
    for (let n = 0; n < 2; n += 1) await assert.rejects(call(failing(silence)), silence);
    await assert.rejects(call(failing(silence), "node07"), {
      code: "BMC_FROZEN",
      message:
        `node07, BMC at https://bmc-${key}: expected a BMC that answers but found silence in the 2 calls before, the last of ` +
        "which expected the power state within 1 min but found nothing after 1 min. Reset the BMC (not its machines), or " +
        "check its network; then run the update again. It was not asked again now. [BMC_FROZEN]",
    });
    assert.equal(calls, 2);
  });

  it("is asked by one call after a while, and by all again when that is answered", async () => {
    for (let n = 0; n < 2; n += 1) await call(failing(silence)).catch(() => {});
    const { now } = Date;
    Date.now = () => now() + 16_000;
    try {
      assert.equal(await call(async () => "on"), "on");
      await assert.rejects(call(failing(silence)), silence);
      assert.equal(await call(async () => "on"), "on");
    } finally {
      Date.now = now;
    }
  });

  it("is no other BMC", async () => {
    for (let n = 0; n < 3; n += 1) await call(failing(silence)).catch(() => {});
    assert.equal(await call(async () => "on", "node02", key + 1_000), "on");
  });

  it("is not one that answers in between, with whatever it says", async () => {
    for (const answer of [async () => "on", failing(refusal), failing(new Error("Ctrl-C"))]) {
      await assert.rejects(call(failing(silence)), silence);
      await call(answer).catch(() => {});
    }
    await assert.rejects(call(failing(silence)), silence);
  });
});
