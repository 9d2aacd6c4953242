import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CHECKOUT } from "../nix-evaluation.js";

describe("mirror-esp", () => {
  let work = "";
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), "flint-esp-"));
    mkdirSync(join(work, "bin"));
    mkdirSync(join(work, "one"));
    mkdirSync(join(work, "two"));
    mounted(true);
  });
  afterEach(() => rmSync(work, { recursive: true, force: true }));

  const mounted = (yes: boolean) =>
    writeFileSync(join(work, "bin/mountpoint"), `#!/bin/sh\nexit ${yes ? 0 : 1}\n`, { mode: 0o755 });
  const put = (disk: "one" | "two", files: Record<string, string>) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(work, disk, path)), { recursive: true });
      writeFileSync(join(work, disk, path), content);
    }
  };
  const files = (disk: "one" | "two") =>
    Object.fromEntries(
      readdirSync(join(work, disk), { recursive: true, encoding: "utf8" })
        .filter((path) => statSync(join(work, disk, path)).isFile())
        .sort()
        .map((path) => [path, readFileSync(join(work, disk, path), "utf8")]),
    );
  const mirror = () =>
    spawnSync("sh", [join(CHECKOUT, "nix/scripts/mirror-esp.sh"), join(work, "one"), join(work, "two")], {
      env: { ...process.env, PATH: `${join(work, "bin")}:${process.env.PATH}` },
      encoding: "utf8",
    });
  const SYSTEM = {
    "EFI/BOOT/BOOTX64.EFI": "systemd-boot",
    "EFI/nixos/kernel 2.efi": "kernel 2",
    "loader/entries/nixos-generation-2.conf": "linux kernel 2",
    "loader/loader.conf": "default 2",
    "loader/random-seed": "seed of one",
  };

  it("makes the second disk start what the first one starts, and nothing that is gone", () => {
    put("one", SYSTEM);
    put("two", {
      "EFI/nixos/kernel 1.efi": "kernel 1",
      "loader/entries/nixos-generation-1.conf": "linux kernel 1",
      "loader/loader.conf": "default 1",
      "loader/random-seed": "seed of two",
    });
    const { status, stderr } = mirror();
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    assert.deepEqual(files("two"), { ...SYSTEM, "loader/random-seed": "seed of two" });
  });

  it("writes nothing a second time", () => {
    put("one", SYSTEM);
    mirror();
    const before = statSync(join(work, "two/EFI/BOOT/BOOTX64.EFI")).ino;
    assert.equal(mirror().status, 0);
    assert.equal(statSync(join(work, "two/EFI/BOOT/BOOTX64.EFI")).ino, before);
  });

  it("goes on with a word when the second disk is gone", () => {
    put("one", SYSTEM);
    mounted(false);
    const { status, stderr } = mirror();
    assert.equal(status, 0);
    assert.equal(
      stderr,
      `mirror-esp: nothing is mounted on ${join(work, "two")}: one disk of the pair may be gone. The machine starts from the other one.\n`,
    );
    assert.deepEqual(files("two"), {});
  });

  it("fails when the second disk cannot be written", () => {
    put("one", SYSTEM);
    put("two", { EFI: "a file where a directory must be" });
    assert.notEqual(mirror().status, 0);
  });
});
