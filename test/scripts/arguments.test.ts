import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readArguments } from "../../scripts/testing/arguments.js";
import { findTestFiles } from "../../scripts/testing/files.js";

describe("the arguments of scripts/test and scripts/e2e", () => {
  it("are parts of paths, and options wherever they stand", () => {
    assert.deepEqual(readArguments(["ssh", "--retry", "wait"]), { kind: "test", parts: ["ssh", "wait"], retry: true });
    assert.deepEqual(readArguments(["--e2e", "kills"]), { kind: "e2e", parts: ["kills"], retry: false });
    assert.deepEqual(readArguments(["--e2e", "--long"]), { kind: "long", parts: [], retry: false });
  });

  it("refuse options that are none, all at once", () => {
    assert.throws(() => readArguments(["--lnog", "kills", "-x"]), {
      message: "unknown option --lnog, -x. Options are --e2e, --long, --retry.",
    });
  });

  describe("name files of which there are", () => {
    const root = mkdtempSync(join(tmpdir(), "flint-arguments-"));
    before(() => {
      mkdirSync(join(root, "test/kills"), { recursive: true });
      for (const name of ["wait.test", "kills/many.e2e", "kills/many.long"])
        writeFileSync(join(root, `test/${name}.ts`), "");
    });
    after(() => rmSync(root, { recursive: true }));

    it("or are refused, even beside one that has a file", () => {
      assert.throws(() => findTestFiles(root, ["wait", "nosuch"]), {
        message:
          'no test file has "nosuch" in its path. Allowed is any part of a path under test/, as in: scripts/test drivers/ssh',
      });
    });

    it("or are told where there are some", () => {
      assert.throws(() => findTestFiles(root, ["kills"]), {
        message:
          'no file *.test.ts has "kills" in its path. There are others: scripts/e2e kills, scripts/e2e --long kills',
      });
      assert.throws(() => findTestFiles(root, ["wait"], "long"), {
        message: 'no file *.long.ts has "wait" in its path. There are others: scripts/test wait',
      });
    });
  });

  it("end the run with that one message and exit code 64", () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [resolve(__dirname, "../../scripts/testing/main.js"), "no/such/test"],
      { encoding: "utf8" },
    );
    assert.deepEqual(
      [status, stdout, stderr],
      [
        64,
        "",
        'no test file has "no/such/test" in its path. Allowed is any part of a path under test/, as in: scripts/test drivers/ssh\n',
      ],
    );
  });
});
