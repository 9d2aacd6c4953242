import assert from "node:assert/strict";
import { settingUp, whenSettled } from "../../../providers/pxe-server/at-work.js";

const URL = "http://10.0.0.1";

describe("a server that is being set up", () => {
  it("is waited for, whether it comes or fails; another one is not", async () => {
    for (const failure of [undefined, new Error("port 80 is taken")]) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const told: string[] = [];
      const work = settingUp(URL, () => promise).then(
        (answer) => told.push(answer),
        (error: Error) => told.push(error.message),
      );
      const waiting = whenSettled(URL).then((serves) => told.push(serves ? "settled" : "failed"));
      assert.equal(await whenSettled("http://10.0.0.2"), true);
      assert.deepEqual(told, []);
      if (failure === undefined) resolve("serves");
      else reject(failure);
      await Promise.all([work, waiting]);
      const answers = failure === undefined ? ["serves", "settled"] : ["failed", failure.message];
      assert.deepEqual(told.sort(), answers);
      assert.equal(await whenSettled(URL), failure === undefined, "nobody sets it up any more");
    }
  });

  it("that failed is no more one that failed once it was set up", async () => {
    await settingUp(URL, () => Promise.reject(new Error("port 80 is taken"))).catch(() => {});
    assert.equal(await whenSettled(URL), false);
    await settingUp(URL, async () => "serves");
    assert.equal(await whenSettled(URL), true);
  });
});
