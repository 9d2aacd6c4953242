import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingPrograms, requirePrograms } from "../../../drivers/nix/programs.js";

describe("programs that installing a machine takes", () => {
  let directory: string;
  const add = (name: string, mode: number) => writeFileSync(join(directory, name), "#!/bin/sh\n", { mode });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "flint-test-path-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("are looked for in every directory of PATH", () => {
    add("nix", 0o755);
    assert.deepEqual(missingPrograms(`/nowhere:${directory}`), ["nixos-anywhere"]);
    add("nixos-anywhere", 0o755);
    assert.deepEqual(missingPrograms(`/nowhere::${directory}`), []);
    requirePrograms(directory);
    assert.deepEqual(missingPrograms(""), ["nix", "nixos-anywhere"]);
  });

  it("must be files that can be run", () => {
    mkdirSync(join(directory, "nix"));
    add("nixos-anywhere", 0o644);
    assert.deepEqual(missingPrograms(directory), ["nix", "nixos-anywhere"]);
  });

  it("the first one that is missing is named, with the remedy", () => {
    add("nix", 0o755);
    assert.throws(() => requirePrograms(directory), {
      message:
        "nixos-anywhere: expected the program on PATH. Install nixos-anywhere, or put its directory on PATH of pulumi. " +
        "[TOOL_MISSING]",
    });
  });
});
