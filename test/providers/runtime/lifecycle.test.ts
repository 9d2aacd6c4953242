import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitUntil } from "../../../foundation/wait.js";
import { keptOf, ProviderHost } from "./provider-host.js";

const SELF = "urn:pulumi:dev::flint::pulumi-nodejs:dynamic/flint:Probe::p1";

/** Resolves when the second phase is under way. */
function under(host: ProviderHost, phase = 1): Promise<true> {
  const seen = () => Promise.resolve(host.said.some(({ text }) => Number(/phase (\d+)/.exec(text)?.[1]) >= phase));
  return waitUntil(seen, { reason: `phase ${phase}`, deadlineMs: 60_000, intervalMs: 20, remedy: "" }) as Promise<true>;
}

describe("a lifecycle in the SDK's own provider process", function () {
  this.timeout(120_000);
  let host: ProviderHost;
  beforeEach(async () => {
    host = await ProviderHost.start();
  });
  afterEach(() => host.stop());

  it("creates: outputs are the inputs and what was found, as plain data", async () => {
    const made = await host.create({ name: "p1", self: SELF });
    assert.deepEqual(made, {
      id: "probe-p1",
      outs: {
        name: "p1",
        self: SELF,
        size: 1,
        phases: 3,
        phaseMs: 10,
        place: "here",
        deaf: false,
        phase: 3,
        seen: "1970-01-01T00:00:00.000Z",
      },
    });
  });

  it("shows live lines on the resource itself, at most five a second, without secrets, and keeps none", async () => {
    const started = performance.now();
    await host.create({ name: "p1", self: SELF, phases: 100, phaseMs: 10, password: "hunter22" });
    const seconds = (performance.now() - started) / 1000;
    const said = host.said.filter(({ urn }) => urn === SELF);
    assert.equal(said.at(-1)?.text, "", "the last one is taken away");
    const lines = said.slice(0, -1);
    assert.ok(lines.length >= 3 && lines.length <= 5 * seconds + 1, `${lines.length} lines in ${seconds} s`);
    assert.match(lines[1]?.text ?? "", /^create phase \d+, \[secret\]$/);
    assert.deepEqual(new Set(host.said.map((said) => said.ephemeral)), new Set([true]));
  });

  it("a create that fails half-way keeps what was done and says why, on one line, without secrets", async () => {
    const error = await host.create({ name: "p1", self: SELF, failAfter: 2, password: "hunter22" }).catch((e) => e);
    assert.equal(error.details, "phase 2 failed; with password [secret]");
    const kept = keptOf(error);
    assert.equal(kept?.id, "probe-p1");
    assert.deepEqual(kept?.reasons, ["phase 2 failed; with password [secret]"]);
    assert.equal(kept?.properties.phase, 2);
    assert.equal(kept?.properties.pending, "create");
  });

  it("the next update continues where the create failed", async () => {
    const kept = keptOf(await host.create({ name: "p1", self: SELF, failAfter: 2 }).catch((e) => e));
    const outs = await host.update("probe-p1", kept?.properties ?? {}, { name: "p1", self: SELF, phaseMs: 400 });
    assert.deepEqual(
      host.said.map((said) => said.text).filter((text) => text.startsWith("update")),
      ["update phase 2, undefined"],
    );
    assert.equal(outs.phase, 3);
    assert.equal("pending" in outs, false);
  });

  it("a create that fails before anything was done leaves nothing in the state", async () => {
    const error = await host.create({ name: "p1", failAfter: 0 }).catch((e) => e);
    assert.equal(error.details, "phase 0 failed; with password undefined");
    assert.equal(keptOf(error), undefined);
  });

  it("Ctrl-C aborts what is in flight and keeps what was done", async () => {
    const dir = mkdtempSync(join(tmpdir(), "flint-probe-trace-"));
    const trace = join(dir, "trace");
    const creating = host.create({ name: "p1", self: SELF, phases: 1000, phaseMs: 100, trace }).catch((e) => e);
    await under(host);
    const started = performance.now();
    await host.cancel();
    const error = await creating;
    assert.ok(performance.now() - started < 30_000, "the work would have gone on for 100 s");
    assert.equal(
      error.details,
      "probe-p1: cancelled before it was finished. Run the same command again: it continues from here.",
    );
    assert.ok(Number(keptOf(error)?.properties.phase) >= 1);
    assert.match(readFileSync(trace, "utf8"), /^aborted in phase \d+$/);
  });

  it("Ctrl-C ends in a few seconds even if the work does not listen", async () => {
    const creating = host.create({ name: "p1", self: SELF, phases: 2, phaseMs: 60_000, deaf: true }).catch((e) => e);
    await under(host, 0);
    const started = performance.now();
    await host.cancel();
    const error = await creating;
    assert.ok(performance.now() - started < 30_000, "the work would have gone on for two minutes");
    assert.match(error.details, /^probe-p1: cancelled before it was finished\./);
  });

  it("the process ends when its engine is gone while work is under way", async () => {
    const dir = mkdtempSync(join(tmpdir(), "flint-probe-trace-"));
    const trace = join(dir, "trace");
    await host.check({ name: "p1" });
    void host.create({ name: "p1", self: SELF, phases: 1000, phaseMs: 100, trace }).catch(() => {});
    await under(host);
    const ended = once(host.process, "exit");
    host.disconnect();
    assert.deepEqual(await ended, [null, "SIGKILL"]);
    assert.ok(existsSync(trace), "the work saw its abort");
  });

  it("the process ends when its engine is gone while nothing is under way", async () => {
    await host.check({ name: "p1" });
    const ended = once(host.process, "exit");
    host.killEngine();
    assert.deepEqual(await ended, [null, "SIGKILL"]);
  });

  it("the process lives on when a connection is closed that nobody uses, and its engine is there", async () => {
    await host.check({ name: "p1" });
    const before = host.turnedBack;
    host.disconnect();
    const looked = () => Promise.resolve(host.turnedBack >= before + 2 ? true : undefined);
    await waitUntil(looked, { reason: "two looks at the engine", deadlineMs: 60_000, intervalMs: 50, remedy: "" });
    await host.reconnect();
    assert.equal((await host.create({ name: "p1" })).id, "probe-p1");
  });

  it("SIGTERM ends the process after the work was told", async () => {
    const creating = host.create({ name: "p1", self: SELF, phases: 1000, phaseMs: 100 }).catch((e) => e);
    await under(host);
    const ended = once(host.process, "exit");
    host.process.kill("SIGTERM");
    const error = await creating;
    assert.match(error.details, /^probe-p1: terminated before it was finished\./);
    assert.deepEqual(await ended, [null, "SIGKILL"]);
  });

  it("check refuses all bad inputs at once, with their paths", async () => {
    const { failuresList } = await host.check({ size: 0, phases: "three" });
    assert.deepEqual(failuresList, [
      { property: "name", reason: "name: Invalid input: expected string, received undefined" },
      { property: "size", reason: "size: Too small: expected number to be >=1" },
      { property: "phases", reason: "phases: Invalid input: expected number, received string" },
    ]);
  });
});
