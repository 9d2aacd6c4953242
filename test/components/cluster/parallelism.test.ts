import assert from "node:assert/strict";
import { parallelismWarnings } from "../../../components/cluster/parallelism.js";

describe("parallelismWarnings", () => {
  it("says into how many waves the CLI's own number makes the machines fall, and what to set", () => {
    const [warning, ...more] = parallelismWarnings(100, 8);
    assert.deepEqual(more, []);
    assert.match(warning ?? "", /8 resources at once here, so 100 machines are installed in 13 waves/);
    assert.match(warning ?? "", /PULUMI_PARALLEL=100 .*--parallel 100/);
  });
  it("says nothing when all machines are worked on at once, or the CLI does not tell", () => {
    assert.deepEqual(parallelismWarnings(8, 8), []);
    assert.deepEqual(parallelismWarnings(300, undefined), []);
  });
});
