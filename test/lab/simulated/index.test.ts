import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const INDEX = resolve(__dirname, "../../../lab/simulated/index.js");

describe("what a test of somebody's own imports of the simulated rack", () => {
  it("loads no execa, one of whose parts cannot be required: tsx, which reads a test without compiling, requires all", () => {
    const program = `
      const { LaunchedRack } = require(${JSON.stringify(INDEX)});
      const loaded = Object.keys(require.cache).filter((path) => path.includes("/node_modules/execa/"));
      console.log(JSON.stringify([typeof LaunchedRack, loaded]));
    `;
    const { stdout } = spawnSync(process.execPath, ["-e", program], { encoding: "utf8" });
    assert.deepEqual(JSON.parse(stdout), ["function", []]);
  });
});
