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
      const waiting = whenSettled(URL).then(() => told.push("settled"));
      await whenSettled("http://10.0.0.2");
      assert.deepEqual(told, []);
      if (failure === undefined) resolve("serves");
      else reject(failure);
      await Promise.all([work, waiting]);
      assert.deepEqual(told.sort(), [failure?.message ?? "serves", "settled"].sort());
    }
    await whenSettled(URL); // nobody sets it up any more
  });
});
