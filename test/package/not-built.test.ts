import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ROOT } from "./packed-files.js";

describe("a checkout that was not built", () => {
  const checkout = mkdtempSync(path.join(tmpdir(), "flint-pack-"));
  const pack = () => spawnSync("npm", ["pack"], { cwd: checkout, encoding: "utf8" });

  before(() => {
    mkdirSync(path.join(checkout, "scripts"));
    for (const file of ["package.json", "scripts/packable"])
      copyFileSync(path.join(ROOT, file), path.join(checkout, file));
  });
  after(() => rmSync(checkout, { recursive: true }));

  it("is not packed, and npm pack says what to do", () => {
    const { status, stderr } = pack();
    assert.notEqual(status, 0);
    assert.match(stderr, /^npm pack: dist\/ is not built: .* Run scripts\/setup here, then npm pack again\.$/m);
    assert.deepEqual(
      readdirSync(checkout).filter((name) => name.endsWith(".tgz")),
      [],
    );
  });

  it("is packed when it is", () => {
    for (const file of ["components/index.js", "cli/main.js", "lab/simulated/cli.js"]) {
      mkdirSync(path.dirname(path.join(checkout, "dist", file)), { recursive: true });
      writeFileSync(path.join(checkout, "dist", file), "");
    }
    assert.equal(pack().status, 0);
  });
});
