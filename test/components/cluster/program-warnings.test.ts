import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programWarnings } from "../../../components/cluster/program-warnings.js";

describe("programs that are missing on the operator's machine", () => {
  let path = "";
  const install = (...programs: string[]) => {
    for (const program of programs) writeFileSync(join(path, program), "", { mode: 0o755 });
  };
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "flint-test-path-"));
  });
  afterEach(() => rmSync(path, { recursive: true }));

  it("are told in the preview, ipmitool only where a machine has IPMI, with those machines", () => {
    install("nix", "nixos-anywhere");
    assert.deepEqual(programWarnings([], path), []);
    assert.deepEqual(programWarnings(["node02", "node03"], path), [
      "ipmitool is not on PATH: without it `pulumi up` reaches no BMC by IPMI (node02, node03).",
    ]);
    assert.deepEqual(programWarnings(["a", "b", "c", "d", "e"], path), [
      "ipmitool is not on PATH: without it `pulumi up` reaches no BMC by IPMI (a, b, c and 2 more).",
    ]);
    install("ipmitool");
    assert.deepEqual(programWarnings(["node02"], path), []);
  });

  it("are told all at once", () => {
    assert.deepEqual(programWarnings(["node02"], path), [
      "nix and nixos-anywhere are not on PATH: `pulumi up` neither installs nor updates a machine without them.",
      "ipmitool is not on PATH: without it `pulumi up` reaches no BMC by IPMI (node02).",
    ]);
  });
});
