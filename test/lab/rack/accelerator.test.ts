import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseAccelerator, guestRuns, translationCacheMiB } from "../../../lab/rack/accelerator.js";

describe("the choice of the machines' processor", function () {
  this.timeout(120_000);
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

  it("sees a guest of which only one kind of firmware runs, and does not wait for the other", async () => {
    const dir = mkdtempSync(join(tmpdir(), "flint-accelerator-"));
    // As nested KVM does that emulates no x87 instruction: SeaBIOS writes its banner, UEFI firmware stands still.
    const script = `#!/bin/sh
case "$*" in *pflash*) echo "KVM internal error. Suberror: 1" >&2; exec sleep 60 ;; esac
for word; do case $word in file,id=log,path=*) echo SeaBIOS > "\${word#*path=}" ;; esac; done
exec sleep 60
`;
    writeFileSync(join(dir, "qemu-system-x86_64"), script, { mode: 0o755 });
    process.env.PATH = `${dir}:${saved.PATH}`;
    assert.equal(await guestRuns("kvm"), false);
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

describe("the cache of translated code of an emulated machine", () => {
  const GiB = 2 ** 30;

  it("takes a sixteenth of the memory, as a power of two", () => {
    assert.equal(translationCacheMiB(8 * GiB), 512);
    assert.equal(translationCacheMiB(15 * GiB), 512);
    assert.equal(translationCacheMiB(16 * GiB), 1024);
  });

  it("is large enough to boot with, and no larger than what a machine fills", () => {
    assert.equal(translationCacheMiB(1 * GiB), 128);
    assert.equal(translationCacheMiB(512 * GiB), 1024);
  });
});
