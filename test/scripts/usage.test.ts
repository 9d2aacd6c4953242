import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../../..");

/** Runs one of the repository's scripts as on a machine where set-up never was; this fails if it began with anything. */
function run(name: string, ...words: string[]) {
  const cache = join(tmpdir(), `flint-never-set-up-${process.pid}`);
  const result = spawnSync(join(root, name), words, {
    encoding: "utf8",
    env: { PATH: process.env.PATH, FLINT_CACHE: cache },
  });
  assert.equal(existsSync(cache), false, `${name} ${words.join(" ")} began its work`);
  return result;
}

describe("--help, before anything else is done,", () => {
  /** And the options that it offers. */
  const SCRIPTS: Record<string, string[]> = {
    "scripts/test": ["--retry"],
    "scripts/e2e": ["--long", "--retry"],
    "scripts/bench": ["--json"],
    "scripts/demo": ["--full"],
    "scripts/lint": [],
    ".ci/run": [],
  };

  for (const [name, options] of Object.entries(SCRIPTS)) {
    it(`tells what ${name} does and takes; any other option is refused with those that it has`, () => {
      const help = run(name, "--help");
      assert.deepEqual([help.status, help.stderr], [0, ""]);
      assert.match(help.stdout, /^[A-Z]/);
      assert.ok(!help.stdout.includes("set -"), "only the comment, not the script");
      assert.equal(run(name, "-h").stdout, help.stdout);

      const refused = run(name, "--lnog");
      assert.deepEqual(
        [refused.status, refused.stdout, refused.stderr],
        [
          64,
          "",
          `${join(root, name)}: unknown option --lnog. Options are ${[...options, "--help"].join(", ")}, which tells about them.\n`,
        ],
      );
    });
  }

  it("names environment variables that something reads", () => {
    for (const name of Object.keys(SCRIPTS)) {
      for (const [variable] of run(name, "--help").stdout.matchAll(/FLINT_[A-Z_]+/g)) {
        const readers = ["bench", "test", "lab", "scripts/env"];
        execFileSync("grep", ["-rqE", `env\\.${variable}\\b|\\$\\{${variable}\\b`, ...readers], { cwd: root });
      }
    }
  });

  it("is all that scripts without arguments take", () => {
    const { status, stderr } = run("scripts/lint", "test");
    assert.deepEqual(
      [status, stderr],
      [64, `${join(root, "scripts/lint")}: takes no arguments, and was given test. --help tells what it does.\n`],
    );
  });
});
