import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { seconds, waitUntil, withDeadline } from "../../foundation/wait.js";

const options = {
  reason: "ssh of node01's installer",
  remedy: "Look at the console.",
  deadlineMs: 200,
  intervalMs: 20,
};

describe("waitUntil", () => {
  it("answers with the first look that sees something", async () => {
    let looks = 0;
    assert.equal(await waitUntil(async () => (++looks === 3 ? "there" : undefined), options), "there");
    assert.equal(looks, 3);
  });

  it("takes 0 and an empty text for answers, and false for none", async () => {
    assert.equal(await waitUntil(async () => 0, options), 0);
    assert.equal(await waitUntil(async () => "", options), "");
    await assert.rejects(
      waitUntil(async () => false, options),
      { code: "WAIT_TIMEOUT" },
    );
  });

  it("says at the deadline what was waited for, and what was seen last", async () => {
    await assert.rejects(
      waitUntil(async () => undefined, {
        ...options,
        subject: "node01",
        lastSeen: () => "DHCP offer, no TFTP",
        code: "NO_BOOT",
      }),
      {
        name: "FlintError",
        code: "NO_BOOT",
        message:
          "node01: expected ssh of node01's installer within 0.2 s but found DHCP offer, no TFTP. Look at the console. [NO_BOOT]",
      },
    );
  });

  it("ends a look that hangs with the signal that it got, soon after the deadline, and says what was seen before it", async () => {
    let seen = "nothing";
    let ended = false;
    const look = (signal: AbortSignal) =>
      new Promise<undefined>((_, reject) => {
        seen = "a login";
        signal.addEventListener("abort", () => {
          ended = true;
          reject(signal.reason);
        });
      });
    await assert.rejects(waitUntil(look, { ...options, deadlineMs: 100, lastLookMs: 50, lastSeen: () => seen }), {
      code: "WAIT_TIMEOUT",
      message:
        "ssh of node01's installer: expected ssh of node01's installer within 0.1 s but found a login. Look at the console. [WAIT_TIMEOUT]",
    });
    assert.ok(ended);
  });

  it("leaves a look behind that goes on all the same, and says what was seen before it", async function () {
    this.timeout(20_000);
    const started = performance.now();
    const look = () => new Promise<undefined>(() => {});
    await assert.rejects(waitUntil(look, { ...options, deadlineMs: 100, lastLookMs: 50, lastSeen: () => "a login" }), {
      code: "WAIT_TIMEOUT",
      message: /^ssh of node01's installer: expected ssh of node01's installer within 0\.1 s but found a login\./,
    });
    assert.ok(performance.now() - started > 5_000, "it had the time to end what it had in hand");
  });

  it("waits for the end of a look that must not be left half done", async () => {
    const look = () => sleep(300).then(() => "done");
    const lastLookMs = Number.POSITIVE_INFINITY;
    assert.equal(await waitUntil(look, { ...options, deadlineMs: 50, lastLookMs }), "done");
  });

  it("passes on what a look says of itself after that, too: the wait knows less", async () => {
    const refused = new Error("exit code 3: the disk is another one");
    const look = () => sleep(200).then(() => Promise.reject(refused));
    await assert.rejects(waitUntil(look, { ...options, deadlineMs: 50, lastLookMs: 50 }), refused);
  });

  it("hands a look the end of the whole operation, and gives that as the reason", async () => {
    const stop = new AbortController();
    const look = (signal: AbortSignal) =>
      new Promise<undefined>((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error("cut off")));
        stop.abort(new Error("Ctrl-C"));
      });
    await assert.rejects(waitUntil(look, { ...options, deadlineMs: 60_000, signal: stop.signal }), /Ctrl-C/);
  });

  it("pauses as long as a slow look took: asking a busy machine more often makes it slower", async () => {
    const looks: { from: number; to: number }[] = [];
    await assert.rejects(
      waitUntil(
        async () => {
          const from = performance.now();
          await sleep(100);
          looks.push({ from, to: performance.now() });
          return undefined;
        },
        { ...options, deadlineMs: 450, intervalMs: 1 },
      ),
      { code: "WAIT_TIMEOUT" },
    );
    assert.ok(looks.length <= 3, `${looks.length} looks, rather than those at 0, 200 and 400 ms`);
    for (const [i, { from, to }] of looks.slice(0, -2).entries())
      assert.ok((looks[i + 1]?.from ?? 0) - to >= to - from - 2, JSON.stringify(looks));
  });

  it("works out the remedy only when it is needed", async () => {
    let asked = 0;
    const remedy = () => {
      asked += 1;
      return "Now known.";
    };
    await waitUntil(async () => true, { ...options, remedy });
    assert.equal(asked, 0);
    await assert.rejects(
      waitUntil(async () => undefined, { ...options, remedy }),
      { message: /nothing after 0\.2 s\. Now known\. \[WAIT_TIMEOUT\]$/ },
    );
  });

  it("looks once more at the deadline itself", async () => {
    const started = performance.now();
    const look = async () => performance.now() - started >= 190;
    assert.equal(await waitUntil(look, { ...options, intervalMs: 10_000 }), true);
  });

  it("looks less and less often, up to a limit", async () => {
    const times: number[] = [];
    const look = async () => void times.push(performance.now());
    await assert.rejects(waitUntil(look, { ...options, deadlineMs: 1_500, intervalMs: 20, maxIntervalMs: 100 }));
    assert.ok(times.length >= 5 && times.length <= 25, `${times.length} looks`);
  });

  it("ends at once with the signal's reason", async () => {
    const cancel = new AbortController();
    const started = performance.now();
    setTimeout(() => cancel.abort(new Error("Ctrl-C")), 30);
    const waiting = waitUntil(async () => undefined, {
      ...options,
      deadlineMs: 60_000,
      intervalMs: 30_000,
      signal: cancel.signal,
    });
    await assert.rejects(waiting, { message: "Ctrl-C" });
    assert.ok(performance.now() - started < 15_000, "before the next look");
  });

  it("ends with what a look throws", async () => {
    await assert.rejects(
      waitUntil(async () => assert.fail("broken"), options),
      { message: "broken" },
    );
  });
});

describe("withDeadline", () => {
  it("hands the answer through, and leaves no listener behind", async () => {
    const { signal } = new AbortController();
    assert.equal(await withDeadline(async () => 42, { ...options, signal }), 42);
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  it("ends late work with the reason, and tells it to stop", async () => {
    let told: unknown;
    let phase = "DHCP offer";
    const work = (signal: AbortSignal) =>
      new Promise((_, reject) => {
        phase = "kernel fetched";
        signal.addEventListener("abort", () => {
          told = signal.reason;
          reject(told);
        });
      });
    await assert.rejects(withDeadline(work, { ...options, deadlineMs: 50, lastSeen: () => phase }), {
      code: "DEADLINE",
      message:
        "ssh of node01's installer: expected ssh of node01's installer within 0.1 s but found kernel fetched. " +
        "Look at the console. [DEADLINE]",
    });
    assert.ok(told instanceof Error && told.name === "FlintError");
  });

  it("ends deaf work too, when cancelled", async () => {
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(new Error("Ctrl-C")), 30);
    await assert.rejects(
      withDeadline(() => sleep(300), { ...options, deadlineMs: 60_000, signal: cancel.signal }),
      {
        message: "Ctrl-C",
      },
    );
  });

  it("does not begin when cancelled before", async () => {
    const signal = AbortSignal.abort(new Error("Ctrl-C"));
    await assert.rejects(
      withDeadline(async () => assert.fail("began"), { ...options, signal }),
      { message: "Ctrl-C" },
    );
  });
});

describe("seconds", () => {
  for (const [ms, text] of [
    [0, "0 s"],
    [1_500, "1.5 s"],
    [9_999, "10 s"],
    [12_400, "12 s"],
    [59_900, "1 min"],
    [65_000, "1 min 5 s"],
    [600_000, "10 min"],
  ] as const)
    it(`${ms} ms is ${text}`, () => assert.equal(seconds(ms), text));
});
