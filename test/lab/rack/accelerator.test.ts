import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseAccelerator, guestRuns } from "../../../lab/rack/accelerator.js";

describe("the choice of the machines' processor", function () {
  this.timeout(15_000);
  const saved = { ...process.env };
  afterEach(() => {
    process.env = { ...saved };
  });

  it("sees a guest that runs", async () => {
    assert.equal(await guestRuns("tcg"), true);
  });

  it("sees a guest that hangs in its first instruction", async () => {
    const dir = mkdtempSync(join(tmpdir(), "flint-accelerator-"));
    writeFileSync(join(dir, "qemu-system-x86_64"), "#!/bin/sh\nexec sleep 60\n", { mode: 0o755 });
    process.env.PATH = `${dir}:${saved.PATH}`;
    assert.equal(await guestRuns("tcg"), false);
    rmSync(dir, { recursive: true });
  });

  it("is the user's when FLINT_ACCEL says so, and a wrong word is refused", async () => {
    process.env.FLINT_ACCEL = "tcg";
    assert.deepEqual(await chooseAccelerator(), { accelerator: "tcg", why: "FLINT_ACCEL" });
    process.env.FLINT_ACCEL = "hvf";
    await assert.rejects(chooseAccelerator(), {
      message:
        "FLINT_ACCEL: expected kvm or tcg but found hvf. Correct it, or unset it to have it found out. [RACK_ACCEL]",
    });
  });
});
