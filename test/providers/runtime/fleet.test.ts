import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { gather, inTurn } from "../../../providers/runtime/fleet.js";

describe("inTurn", () => {
  it("runs one membership change at a time per cluster, and other clusters beside it", async () => {
    const log: string[] = [];
    const change = (scope: string, name: string) =>
      inTurn(
        "membership",
        async () => {
          log.push(`+${name}`);
          await sleep(20);
          log.push(`-${name}`);
        },
        { scope },
      );
    await Promise.all([change("a", "a1"), change("a", "a2"), change("b", "b1")]);
    assert.deepEqual(log, ["+a1", "+b1", "-a1", "+a2", "-b1", "-a2"]);
  });
  it("runs as many at once as it is told", async () => {
    let most = 0;
    let now = 0;
    const work = async () => {
      most = Math.max(most, ++now);
      await sleep(20);
      now -= 1;
    };
    await Promise.all([1, 2, 3, 4].map(() => inTurn("installs", work, { atOnce: 3 })));
    assert.equal(most, 3);
  });
  it("does not start what was aborted while it waited, and says how many are ahead", async () => {
    const abort = new AbortController();
    const first = inTurn("membership", () => sleep(30), { scope: "c" });
    let ahead = 0;
    const options = { scope: "c", signal: abort.signal, onWait: (number: number) => (ahead = number) };
    const second = inTurn("membership", async () => assert.fail("started"), options);
    abort.abort(new Error("cancelled"));
    await assert.rejects(second, /^Error: cancelled$/);
    await first;
    assert.equal(ahead, 1);
  });
});

describe("gather", () => {
  it("answers requests that arrive together with one call, and later ones with another", async () => {
    const calls: string[][] = [];
    const ask = gather(
      async (names: string[]) => {
        calls.push([...names]);
        return names.length;
      },
      { windowMs: 30, keyOf: (name) => name.slice(0, 1) },
    );
    assert.deepEqual(await Promise.all([ask("a1"), ask("a2"), ask("b1")]), [2, 2, 1]);
    assert.equal(await ask("a3"), 1);
    assert.deepEqual(calls, [["a1", "a2"], ["b1"], ["a3"]]);
  });
  it("collects what arrives while earlier requests of the same key are answered, and lets other keys pass", async () => {
    const log: string[] = [];
    const ask = gather(
      async (names: string[]) => {
        log.push(`+${names.join("")}`);
        await sleep(60);
        log.push(`-${names.join("")}`);
      },
      { windowMs: 5, keyOf: (name) => name.slice(0, 1) },
    );
    const first = ask("a1");
    await sleep(20);
    const others = [ask("a2"), ask("b1")];
    await sleep(20);
    await Promise.all([first, ...others, ask("a3")]);
    assert.deepEqual(log, ["+a1", "+b1", "-a1", "+a2a3", "-b1", "-a2a3"]);
  });
  it("gives a failure to everyone who asked, and to no one later", async () => {
    let calls = 0;
    const ask = gather(
      async () => {
        if (++calls === 1) throw new Error("build failed");
        return "built";
      },
      { windowMs: 5 },
    );
    const results = await Promise.allSettled([ask("a"), ask("b")]);
    assert.deepEqual(
      results.map((result) => result.status),
      ["rejected", "rejected"],
    );
    assert.equal(await ask("a"), "built");
  });
});
