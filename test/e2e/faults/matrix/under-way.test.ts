import assert from "node:assert/strict";
import type { Pair } from "./pairs.js";
import type { Findings } from "./trials.js";
import { UnderWay } from "./under-way.js";

/** Trials that end when they are told to. */
class Trials {
  readonly begun: number[] = [];
  readonly pairs: Pair[];
  private readonly ends: PromiseWithResolvers<Findings>[] = [];
  readonly underWay: UnderWay;

  constructor(count: number) {
    this.pairs = Array.from({ length: count }, (_, value) => ({
      owner: "machine",
      fault: "memory",
      value,
      moment: "before",
    }));
    this.underWay = new UnderWay(this.pairs, (pair) => {
      const end = Promise.withResolvers<Findings>();
      const at = this.pairs.indexOf(pair);
      this.begun.push(at);
      this.ends[at] = end;
      return end.promise;
    });
  }

  end(at: number, problems: string[] = []): void {
    this.ends[at]?.resolve({ outcomes: [], problems });
  }

  fail(at: number, error: Error): void {
    this.ends[at]?.reject(error);
  }
}

describe("fault matrix: trials in racks of their own", () => {
  it("are under way four at a time: the next begins when the first of them is told of", async () => {
    const trials = new Trials(7);
    assert.deepEqual(trials.begun, []);
    const first = trials.underWay.findings(0);
    assert.deepEqual(trials.begun, [0, 1, 2, 3]);
    trials.end(1);
    trials.end(0);
    await first;
    assert.deepEqual(trials.begun, [0, 1, 2, 3]);
    await trials.underWay.findings(1);
    assert.deepEqual(trials.begun, [0, 1, 2, 3, 4]);
  });

  it("are told of in their own order, whichever ends first, and each is made once", async () => {
    const trials = new Trials(3);
    const told = [trials.underWay.findings(0), trials.underWay.findings(1), trials.underWay.findings(2)];
    for (const at of [2, 0, 1]) trials.end(at, [`of ${at}`]);
    assert.deepEqual(
      (await Promise.all(told)).map(({ problems }) => problems),
      [["of 0"], ["of 1"], ["of 2"]],
    );
    assert.deepEqual(trials.begun, [0, 1, 2]);
  });

  it("do not end the others where one fails before its turn: it is told at its own", async () => {
    const trials = new Trials(3);
    const first = trials.underWay.findings(0);
    const broken = new Error("no rack");
    trials.fail(1, broken);
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    await new Promise(setImmediate);
    process.off("unhandledRejection", note);
    assert.deepEqual(unhandled, []);
    trials.end(0);
    assert.deepEqual((await first).problems, []);
    await assert.rejects(trials.underWay.findings(1), broken);
    trials.end(2);
    assert.deepEqual((await trials.underWay.findings(2)).problems, []);
  });

  it("of a pair that is not there are refused", async () => {
    await assert.rejects(new Trials(2).underWay.findings(2), /there is no pair 2/);
  });
});
