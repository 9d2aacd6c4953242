import assert from "node:assert/strict";
import { withoutStackTraces } from "../../../components/cluster/short-stack.js";

/** As the SDK's Resource.callsites reads its stack. */
function callsites(): string[] {
  return new Error("here").stack?.split("\n").slice(1) ?? [];
}

/** As the SDK's debuggablePromise takes one. */
function debuggablePromise(): string | undefined {
  return new Error().stack;
}

describe("registering without stack traces", () => {
  it("leaves the SDK no frame, and everybody else theirs", () => {
    assert.ok(callsites().length > 1);
    const [frames, other] = withoutStackTraces(() => [callsites(), new Error("other").stack ?? ""] as const);
    assert.deepEqual(frames, []);
    assert.equal(withoutStackTraces(debuggablePromise), "Error");
    assert.match(other, /^Error: other\n {4}at .*short-stack\.test.*$/, "its first frame");
    assert.ok(callsites().length > 1, "afterwards all is as before");
  });

  it("ends with the work, also when that fails", () => {
    const format = Error.prepareStackTrace;
    assert.throws(
      () =>
        withoutStackTraces(() => {
          throw new Error("no");
        }),
      /^Error: no$/,
    );
    assert.equal(Error.prepareStackTrace, format);
    assert.ok(callsites().length > 1);
  });
});
