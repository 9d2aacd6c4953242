import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const STAND_IN = resolve("lab/nixos-anywhere/nixos-anywhere");
const FACTS = "os=Linux tar=y cpio=y setsid=y installer=y";

/** Runs the stand-in with an ssh and a nix that only note how they are called. `fail`: the command that fails, and how. */
function install(args: string[], fail: { when: string; code: number } = { when: "nothing", code: 0 }, facts = FACTS) {
  const work = mkdtempSync(join(tmpdir(), "flint-anywhere-"));
  try {
    for (const folder of ["bin", "files"]) mkdirSync(join(work, folder));
    for (const file of ["disko", "system", "key"]) writeFileSync(join(work, file), "");
    const log = join(work, "log");
    // the last word of ssh is the command; "sh" reads it from standard input, as others do their data
    writeFileSync(
      join(work, "bin/ssh"),
      `#!/bin/bash
for last; do :; done
case "$*" in *"-O exit"*) exit 0 ;; esac
if [ "$last" = sh ]; then last=$(cat); else cat >/dev/null; fi # unread, its writer could end by SIGPIPE
case "$last" in
  *VARIANT_ID*) echo "${facts}"; echo "facts" >> ${log} ;;
  "exit 0" | 0) echo "gone?" >> ${log}; exit 255 ;;
  *nixos-install*) echo nixos-install >> ${log} ;;
  tar* | umask*) cat > /dev/null; echo "$last" >> ${log} ;;
  *) echo "$last" >> ${log} ;;
esac
case "$last" in *"${fail.when}"*) exit ${fail.code} ;; esac
`,
      { mode: 0o755 },
    );
    writeFileSync(
      join(work, "bin/nix"),
      `#!/bin/bash\necho "nix copy to \${*: -2:1}" >> ${log}\ncase "nix copy" in *"${fail.when}"*) exit ${fail.code} ;; esac\n`,
      { mode: 0o755 },
    );
    const { status, stdout, stderr } = spawnSync(
      STAND_IN,
      args.map((arg) => arg.replace("WORK", work)),
      {
        env: { ...process.env, PATH: `${join(work, "bin")}:${process.env.PATH}`, HOME: work },
        encoding: "utf8",
        timeout: 60_000,
      },
    );
    const calls = existsSync(log) ? readFileSync(log, "utf8").replaceAll(work, "WORK").trim().split("\n") : [];
    return { status, steps: stdout.split("\n").filter((line) => line.startsWith("###")), stderr: stderr.trim(), calls };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
const COMMON = ["--store-paths", "WORK/disko", "WORK/system", "-i", "WORK/key", "--target-host", "root@192.0.2.7"];

describe("nixos-anywhere of the virtual rack", function () {
  this.timeout(120_000);

  it("goes through the steps in the original's order and prints its lines", () => {
    const { status, steps, calls } = install([
      ...COMMON,
      ...["--build-on", "local", "--phases", "disko,install,reboot", "--extra-files", "WORK/files"],
    ]);
    assert.equal(status, 0);
    assert.deepEqual(steps, [
      "### Uploading install SSH keys ###",
      "### Gathering machine facts ###",
      "### Formatting hard drive with disko ###",
      "### Uploading the system closure ###",
      "### Copying extra files ###",
      "### Installing NixOS ###",
      "### Rebooting ###",
      "### Waiting for the machine to become unreachable due to reboot ###",
      "### Done! ###",
    ]);
    assert.deepEqual(calls, [
      "true",
      "facts",
      "nix copy to ssh://root@192.0.2.7",
      "WORK/disko",
      "nix copy to ssh://root@192.0.2.7?remote-store=local%3Froot=%2Fmnt",
      "tar -C /mnt -xf- --no-same-owner && chmod 755 /mnt",
      "nixos-install",
      "nohup sh -c 'sleep 6 && reboot' > /dev/null 2>&1 &",
      "gone?",
    ]);
  });

  it("brings the keys of encrypted disks before it formats", () => {
    const { status, steps, calls } = install([
      ...[...COMMON, "--phases", "disko,install"],
      ...["--disk-encryption-keys", "/run/flint/data.key", "/dev/null"],
    ]);
    assert.equal(status, 0);
    assert.deepEqual(steps.slice(2, 4), [
      "### Uploading /dev/null to /run/flint/data.key ###",
      "### Formatting hard drive with disko ###",
    ]);
    assert.equal(calls[2], 'umask 077; mkdir -p "/run/flint"; cat > /run/flint/data.key');
  });

  it("leaves phases out that were not asked for", () => {
    const { status, steps } = install([...COMMON, "--phases", "install"]);
    assert.equal(status, 0);
    assert.deepEqual(steps.slice(2), [
      "### Uploading the system closure ###",
      "### Installing NixOS ###",
      "### Done! ###",
    ]);
  });

  it("ends with the exit code of the disk script, and installs nothing then", () => {
    const { status, steps } = install([...COMMON, "--phases", "disko,install"], { when: "/disko", code: 7 });
    assert.equal(status, 7);
    assert.equal(steps.at(-1), "### Formatting hard drive with disko ###");
  });

  it("ends with the exit code of nixos-install", () => {
    const { status, steps } = install([...COMMON, "--phases", "install"], { when: "nixos-install", code: 9 });
    assert.equal(status, 9);
    assert.equal(steps.at(-1), "### Installing NixOS ###");
  });

  it("ends when a copy fails", () => {
    const { status, steps } = install([...COMMON, "--phases", "install"], { when: "nix copy", code: 1 });
    assert.equal(status, 1);
    assert.equal(steps.at(-1), "### Uploading the system closure ###");
  });

  it("refuses a target that lacks a tool, as the original words it", () => {
    const { status, stderr } = install(COMMON, undefined, FACTS.replace("cpio=y", "cpio=n"));
    assert.equal(status, 1);
    assert.equal(stderr, "aborted: no cpio command found, but required to build the new initrd");
  });

  const refusals: [string, string[], string][] = [
    ["no host", ["--store-paths", "WORK/disko", "WORK/system"], "aborted: ssh-host must be set"],
    ["no system", ["--target-host", "root@192.0.2.7"], "aborted: --flake or --store-paths must be set"],
    [
      "store paths that do not exist",
      ["--store-paths", "/nonexistent-disko", "/nonexistent-system", "root@192.0.2.7"],
      "aborted: /nonexistent-disko and /nonexistent-system must be existing store-paths",
    ],
    ["a phase it does not know", [...COMMON, "--phases", "disko,party"], "aborted: Unknown phase: party"],
    [
      "a place to build that it does not know",
      [...COMMON, "--build-on", "moon"],
      "aborted: Supported values for --build-on are auto, local and remote. Unknown mode : moon",
    ],
    [
      "what only the original can",
      ["--flake", ".#node01", "root@192.0.2.7"],
      "aborted: --flake is not supported by this stand-in; put the real nixos-anywhere first on PATH",
    ],
  ];
  for (const [what, args, message] of refusals)
    it(`refuses ${what}`, () => assert.deepEqual(install(args), { status: 1, steps: [], stderr: message, calls: [] }));

  it("refuses an option that it does not know with its usage", () => {
    const { status, calls } = install([...COMMON, "--frobnicate"]);
    assert.deepEqual({ status, calls }, { status: 1, calls: [] });
  });
});
