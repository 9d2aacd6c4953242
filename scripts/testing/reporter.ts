import { appendFileSync } from "node:fs";
import Mocha from "mocha";

/** What the runner learns about one test, one JSON line each. */
export type Event =
  | { kind: "pass"; title: string; ms: number }
  | { kind: "fail"; title: string; ms: number; message: string }
  | { kind: "skip"; title: string }
  | { kind: "end" };

const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING, EVENT_RUN_END } = Mocha.Runner.constants;

/** A mocha reporter that appends one line per test to the file FLINT_TEST_EVENTS: what came before a crash is kept. */
class EventReporter {
  constructor(runner: Mocha.Runner) {
    const file = process.env.FLINT_TEST_EVENTS;
    if (file === undefined) throw new Error("FLINT_TEST_EVENTS names no file. Start tests with scripts/test.");
    const write = (event: Event) => appendFileSync(file, `${JSON.stringify(event)}\n`);
    const known = (test: Mocha.Runnable) => ({ title: test.fullTitle(), ms: test.duration ?? 0 });
    runner.on(EVENT_TEST_PASS, (test) => write({ kind: "pass", ...known(test) }));
    runner.on(EVENT_TEST_FAIL, (test, error) => write({ kind: "fail", ...known(test), message: describe(error) }));
    runner.on(EVENT_TEST_PENDING, (test) => write({ kind: "skip", title: test.fullTitle() }));
    runner.on(EVENT_RUN_END, () => write({ kind: "end" }));
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = (error.stack ?? error.message).split("\n").filter((line) => !/node_modules|node:internal/.test(line));
  return own.join("\n");
}

module.exports = EventReporter;
