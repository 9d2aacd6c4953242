import assert from "node:assert/strict";
import { cancel, underCancel } from "../../../providers/runtime/cancel.js";
import type { Lifecycle } from "../../../providers/runtime/lifecycle.js";
import { withSpecText } from "../../../providers/runtime/spec-lifecycle.js";

const forEver = <T>() => new Promise<T>(() => {});
const silent: Lifecycle = {
  configure: async () => {},
  check: async (_olds, news) => ({ inputs: news, failures: [] }),
  diff: forEver,
  create: forEver,
  update: forEver,
  delete: forEver,
  read: forEver,
};

describe("cancel", () => {
  it("gives up a diff that waits for a cluster's answer at once, before it gives up work that may end by itself", async () => {
    const ended: string[] = [];
    const diff = withSpecText(silent).diff("id", {}, {});
    const work = underCancel(forEver);
    const noted = (name: string, message: string) => (error: unknown) => {
      ended.push(name);
      assert.ok(error instanceof Error);
      assert.equal(error.message, message);
    };
    cancel("cancelled");
    await Promise.all([
      work.catch(noted("work", "cancelled")),
      diff.catch(
        noted("diff", "id: cancelled before it was finished. Run the same command again: it continues from here."),
      ),
    ]);
    assert.deepEqual(ended, ["diff", "work"]);
  });
});
