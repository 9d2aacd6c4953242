import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKOUT } from "../nix-evaluation.js";

const VENDOR = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

describe("boot-trial.sh", function () {
  this.timeout(120_000);
  let work = "";
  const at = (name: string) => join(work, name);
  const conf = () => readFileSync(at("esp/loader/loader.conf"), "utf8");
  const entry = (name: string) => writeFileSync(at(`esp/loader/entries/${name}`), `title ${name}\n`);
  /** As the firmware keeps it: four bytes of attributes, then UTF-16 with its end. */
  const variable = (name: string, text: string | undefined) => {
    const file = at(`efivars/${name}-${VENDOR}`);
    if (text === undefined) rmSync(file, { force: true });
    else writeFileSync(file, Buffer.concat([Buffer.from([7, 0, 0, 0]), Buffer.from(`${text}\0`, "utf16le")]));
  };
  const oneShot = () => {
    const file = at(`efivars/LoaderEntryOneShot-${VENDOR}`);
    return existsSync(file) ? readFileSync(file).subarray(4).toString("utf16le").replace(/\0$/, "") : undefined;
  };
  /** What the builder of the loader's entries leaves: an entry a generation, and the newest as default. */
  const build = (...generations: number[]) => {
    for (const n of generations) entry(`nixos-generation-${n}.conf`);
    writeFileSync(
      at("esp/loader/loader.conf"),
      `timeout 0\ndefault nixos-generation-${generations.at(-1)}.conf\neditor no\n`,
    );
  };
  /** What the loader does with it at the next start. */
  const start = () => {
    const selected = oneShot() ?? /^default (.*)$/m.exec(conf())?.[1];
    variable("LoaderEntryOneShot", undefined);
    variable("LoaderEntrySelected", selected);
    return selected;
  };
  const health = (script: string) => writeFileSync(at("health"), script);

  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), "flint-boot-"));
    for (const dir of ["esp/loader/entries", "efivars", "bin"]) mkdirSync(at(dir), { recursive: true });
    const program = (name: string, body: string) =>
      writeFileSync(at(`bin/${name}`), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    const file = at(`efivars/LoaderEntryOneShot-${VENDOR}`);
    program(
      "bootctl",
      `[ "$1" = set-oneshot ] || exit 1\n[ -n "$2" ] || { rm -f ${file}; exit 0; }\n{ printf '\\007\\000\\000\\000'; printf %s "$2" | sed 's/./&\\n/g' | while IFS= read -r c; do printf '%s\\000' "$c"; done; printf '\\000\\000'; } > ${file}`,
    );
    program("systemctl", `echo "$*" >> ${at("systemctl")}`);
    health("true");
  });
  afterEach(() => rmSync(work, { recursive: true, force: true }));

  const run = (command: string) => {
    const { status, stderr } = spawnSync("sh", [join(CHECKOUT, "nix/scripts/boot-trial.sh"), command], {
      encoding: "utf8",
      env: {
        ...process.env,
        PATH: `${at("bin")}:${process.env.PATH}`,
        FLINT_ESP: at("esp"),
        FLINT_EFIVARS: at("efivars"),
        FLINT_STATE_DIR: at("state"),
        FLINT_HEALTH: at("health"),
        FLINT_PROFILE: at("profile"),
        FLINT_DEADLINE: "0",
      },
    });
    return { status, said: stderr.trim() };
  };
  /** The machine started from generation 1, which is good. */
  const running = () => {
    build(1);
    start();
    assert.equal(run("check").status, 0);
    assert.equal(
      run("good").said,
      "flint-boot: nixos-generation-1.conf is good: it is what this machine starts from now on",
    );
  };

  it("the first system is on no trial: there is nothing to go back to", () => {
    build(1);
    assert.deepEqual(run("arm"), { status: 0, said: "" });
    assert.equal(oneShot(), undefined);
    start();
    health("false");
    assert.deepEqual(run("check"), { status: 0, said: "" });
    assert.equal(existsSync(at("systemctl")), false);
  });

  it("a new system is tried once, and is the default when it came up healthy", () => {
    running();
    build(1, 2);
    assert.deepEqual(run("arm"), {
      status: 0,
      said: "flint-boot: the next start tries nixos-generation-2.conf; unless it is healthy, the one after it is nixos-generation-1.conf again",
    });
    assert.equal(conf(), "timeout 0\ndefault nixos-generation-1.conf\neditor no\n");
    assert.equal(start(), "nixos-generation-2.conf");
    assert.equal(run("check").status, 0);
    run("good");
    assert.equal(conf(), "timeout 0\ndefault nixos-generation-2.conf\neditor no\n");
    assert.equal(start(), "nixos-generation-2.conf");
    assert.deepEqual(run("check"), { status: 0, said: "" });
  });

  it("one that comes up and is not healthy restarts; the machine is on the one before, and says so", () => {
    running();
    build(1, 2);
    run("arm");
    start();
    health("echo '  NOT OK  chainfire'; exit 75");
    const { status, said } = run("check");
    assert.equal(status, 1);
    assert.match(
      said,
      /^flint-boot: nixos-generation-2\.conf is on trial: it has 0 s to be healthy\nflint-boot: ROLLBACK: nixos-generation-2\.conf is not healthy after 0 s; restarting, .*: {3}NOT OK {2}chainfire$/,
    );
    assert.equal(readFileSync(at("systemctl"), "utf8"), "reboot\n");
    assert.equal(start(), "nixos-generation-1.conf");
    assert.deepEqual(run("check"), {
      status: 0,
      said: "flint-boot: ROLLBACK: nixos-generation-2.conf was tried and did not come up healthy; this is nixos-generation-1.conf again",
    });
    const { reason } = JSON.parse(readFileSync(at("state/rolled-back.json"), "utf8"));
    assert.equal(reason, "nixos-generation-2.conf was started and did not come up healthy");
    assert.equal(run("check").said, "", "it is said once");
  });

  it("one that never comes up is followed by the one before as well", () => {
    running();
    build(1, 2);
    run("arm");
    assert.equal(start(), "nixos-generation-2.conf"); // it hangs, or panics: nothing of ours runs
    assert.equal(start(), "nixos-generation-1.conf");
    assert.match(run("check").said, /^flint-boot: ROLLBACK: nixos-generation-2\.conf was tried/);
    run("good");
    assert.equal(start(), "nixos-generation-1.conf");
  });

  it("a switch without a restart leaves the trial armed", () => {
    running();
    build(1, 2);
    run("arm");
    run("good"); // of the start that is still running
    assert.equal(conf(), "timeout 0\ndefault nixos-generation-1.conf\neditor no\n");
    assert.equal(start(), "nixos-generation-2.conf");
  });

  it("a switch that goes back calls the trial off", () => {
    running();
    build(1, 2);
    run("arm");
    build(2, 1);
    assert.equal(run("arm").said, "flint-boot: the trial of another system is off: nixos-generation-1.conf starts");
    assert.equal(start(), "nixos-generation-1.conf");
    assert.equal(run("check").said, "");
  });

  it("a last good entry that is gone is no way back: the new one is the default", () => {
    running();
    rmSync(at("esp/loader/entries/nixos-generation-1.conf"));
    build(7);
    assert.match(run("arm").said, /^flint-boot: the last good entry, nixos-generation-1\.conf, is gone/);
    assert.match(conf(), /^default nixos-generation-7\.conf$/m);
  });

  it("a trial that is armed ends with the entry to which it would go back, and the machine does not restart for ever", () => {
    running();
    build(1, 2);
    run("arm");
    rmSync(at("esp/loader/entries/nixos-generation-1.conf"));
    build(2, 3);
    run("arm");
    assert.equal(start(), "nixos-generation-3.conf", "the deployed system, not the one whose trial was armed");
    health("false");
    assert.deepEqual(run("check"), { status: 0, said: "" });
    assert.equal(existsSync(at("systemctl")), false);
  });

  describe("where NixOS counts boots itself", () => {
    const counted = () => variable("LoaderBootCountPath", "\\loader\\entries\\nixos-abc+2-1.conf");

    it("an unhealthy start is repeated, and given up, by the loader", () => {
      entry("nixos-abc+2-1.conf");
      entry("nixos-old.conf");
      variable("LoaderEntrySelected", "nixos-abc.conf");
      counted();
      health("false");
      assert.equal(run("check").status, 1);
      assert.equal(readFileSync(at("systemctl"), "utf8"), "reboot\n");
    });

    it("the only entry there is, is not restarted for nothing", () => {
      entry("nixos-abc+2-1.conf");
      entry("nixos-bad+0-3.conf");
      variable("LoaderEntrySelected", "nixos-abc.conf");
      counted();
      health("false");
      assert.equal(run("check").status, 0);
      assert.equal(existsSync(at("systemctl")), false);
    });

    it("an entry that was given up is told", () => {
      entry("nixos-abc+0-3.conf");
      entry("nixos-old.conf");
      variable("LoaderEntrySelected", "nixos-old.conf");
      assert.equal(
        run("check").said,
        "flint-boot: ROLLBACK: nixos-abc.conf was tried and did not come up healthy; this is nixos-old.conf again",
      );
    });
  });

  it("wants to be told what to do", () => {
    assert.deepEqual(run("please"), { status: 2, said: "flint-boot: usage: boot-trial.sh arm|check|good" });
  });
});
