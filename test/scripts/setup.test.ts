import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../../..");

/** Runs bash with one part of scripts/setup read in. */
function withPart(part: string, script: string, env: NodeJS.ProcessEnv = {}) {
  const source = `set -euo pipefail; ROOT=${root}; QUIET=; . ${root}/scripts/setup.d/report.sh; . ${root}/scripts/setup.d/${part}.sh; ${script}`;
  return spawnSync("bash", ["-c", source], { encoding: "utf8", env: { ...process.env, ...env } });
}

describe("scripts/setup", () => {
  const folder = mkdtempSync(join(tmpdir(), "flint-setup-"));
  after(() => rmSync(folder, { recursive: true }));

  const script = (path: string, text: string) => {
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  };

  it("compares versions by their numbers", () => {
    const { stdout } = withPart(
      "find",
      "for v in 3.199.0 3.200.0 3.259.0 4.0.0 3.9.0; do version_at_least $v 3.200.0 && echo $v || true; done",
    );
    assert.equal(stdout, "3.200.0\n3.259.0\n4.0.0\n");
  });

  it("takes a tool of the machine's own, never what it put on PATH itself", () => {
    const [cache, own] = [join(folder, "cache/tools/x/bin"), join(folder, "own")];
    for (const bin of [cache, own]) {
      mkdirSync(bin, { recursive: true });
      script(join(bin, "sometool"), "true");
    }
    const env = { FLINT_CACHE: join(folder, "cache"), PATH: `${cache}:${own}:${process.env.PATH}` };
    assert.equal(withPart("find", "find_on_path sometool", env).stdout, `${own}/sometool\n`);
    assert.equal(withPart("find", "find_on_path no-such-tool || echo none", env).stdout, "none\n");
  });

  it("tells the language host it builds that a program needs no TypeScript compiler, where Pulumi.yaml says so", () => {
    const built = join(folder, "built");
    for (const part of ["bin", "libexec"]) mkdirSync(join(built, part), { recursive: true });
    copyFileSync(join(root, "scripts/setup.d/pulumi-language-nodejs"), join(built, "bin/pulumi-language-nodejs"));
    script(join(built, "libexec/pulumi-language-nodejs"), 'echo "$@"');
    const argumentsFor = (name: string, options: string) => {
      const program = join(folder, name, "deep/er"); // the engine starts the host in the program's folder
      mkdirSync(program, { recursive: true });
      writeFileSync(join(folder, name, "Pulumi.yaml"), `name: x\nruntime: { name: nodejs, options: { ${options} } }\n`);
      return execFileSync(join(built, "bin/pulumi-language-nodejs"), ["127.0.0.1:1"], {
        encoding: "utf8",
        cwd: program,
      });
    };
    assert.equal(argumentsFor("compiled", "typescript: false"), "-typescript=false 127.0.0.1:1\n");
    assert.equal(argumentsFor("source", "typescript: true"), "127.0.0.1:1\n");
  });

  it("without root, names the exact command for missing packages and stops", () => {
    const packages = join(folder, "lab");
    mkdirSync(packages);
    writeFileSync(join(packages, "packages.txt"), "# the rack's\nno-such-package-a\nbash # there\nno-such-package-b\n");
    const { status, stderr } = withPart(
      "packages",
      `is_root() { false; }; find_go() { false; }; ROOT=${folder}; setup_own_packages=(bash); setup_packages`,
    );
    assert.equal(status, 1);
    assert.equal(
      stderr,
      [
        "\nscripts/setup stops: root is needed to install Debian packages.",
        "  Run this, then start again:",
        "  ",
        "  " +
          "  sudo apt-get update && sudo apt-get install --no-install-recommends golang-go no-such-package-a no-such-package-b",
        "  ",
        "  (The virtual rack itself runs as root: network namespaces, a container, /nix.)\n",
      ].join("\n"),
    );
  });

  it("knows an unfinished npm installation from a whole one", () => {
    const project = join(folder, "project");
    mkdirSync(join(project, "node_modules"), { recursive: true });
    const lock = (packages: object) => JSON.stringify({ packages });
    const wanted = {
      "": {},
      "node_modules/a": { version: "1.0.0" },
      "node_modules/b": { version: "1.0.0", optional: true },
    };
    writeFileSync(join(project, "package-lock.json"), lock(wanted));
    const check = () => spawnSync(process.execPath, [join(root, "scripts/setup.d/npm-installed.cjs"), project]).status;
    assert.equal(check(), 1);
    writeFileSync(join(project, "node_modules/.package-lock.json"), lock({ "node_modules/a": { version: "0.9.0" } }));
    assert.equal(check(), 1);
    writeFileSync(join(project, "node_modules/.package-lock.json"), lock({ "node_modules/a": { version: "1.0.0" } }));
    assert.equal(check(), 0);
  });

  it("goes on after a failing item, and ends with its name and an error", () => {
    const { status, stderr } = withPart(
      "find",
      'failed "dist/" "tsc found errors." "Mend them."; echo went on >&2; finish',
    );
    assert.equal(status, 1);
    assert.equal(
      stderr,
      "\nFAILED dist/: tsc found errors.\n  Mend them.\n\nwent on\n\nscripts/setup: not complete: dist/\n",
    );
  });

  it("refuses an option that it does not know", () => {
    const { status, stderr } = spawnSync(join(root, "scripts/setup"), ["--fast"], { encoding: "utf8" });
    assert.equal(status, 64);
    assert.equal(stderr, "scripts/setup: unknown option --fast. Use --quiet, or nothing.\n");
  });

  it("its parts are valid bash", () => {
    const parts = readdirSync(join(root, "scripts/setup.d")).filter((name) => !name.endsWith(".cjs"));
    assert.ok(parts.length > 8);
    for (const name of parts) execFileSync("bash", ["-n", join(root, "scripts/setup.d", name)]);
  });
});

describe("scripts/install-plugins", () => {
  const home = mkdtempSync(join(tmpdir(), "flint-plugins-home-"));
  after(() => rmSync(home, { recursive: true }));

  it("puts the stand-ins where the engine looks for exactly the versions of the npm packages", () => {
    for (let time = 0; time < 2; time++) execFileSync(join(root, "scripts/install-plugins"), ["--stand-in", home]);
    assert.deepEqual(readdirSync(join(home, "plugins")).sort(), ["resource-command-v1.2.1", "resource-tls-v5.6.1"]);
    assert.deepEqual(readdirSync(join(home, "plugins/resource-tls-v5.6.1")), ["pulumi-resource-tls"]);
  });
});
