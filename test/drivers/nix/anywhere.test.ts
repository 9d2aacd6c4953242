import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { installWithNixosAnywhere } from "../../../drivers/nix/anywhere.js";
import type { InstallStep } from "../../../drivers/nix/parse-steps.js";
import type { SshTarget } from "../../../drivers/ssh/target.js";
import { forgetSecrets, rememberSecrets } from "../../../foundation/redact.js";
import { FakePrograms } from "./fake-program.js";

const target: SshTarget = {
  name: "node01's installer",
  host: "10.0.100.50",
  privateKey: "key",
  hostKeys: ["ssh-ed25519 AAAA"],
};
const system = { toplevel: "/nix/store/b-system", diskoScript: "/nix/store/a-disko", closureBytes: 1 };

/** Runs the install with a scripted nixos-anywhere; the steps that it announced. */
async function install(
  programs: FakePrograms,
  deadlineMs = 60_000,
  diskKeys?: Record<string, string>,
): Promise<InstallStep[]> {
  const steps: InstallStep[] = [];
  process.env.FAKE_DIRECTORY = programs.directory;
  try {
    const extraFiles = programs.at("extra");
    await installWithNixosAnywhere({
      target,
      system,
      extraFiles,
      diskKeys,
      deadlineMs,
      onStep: (step) => steps.push(step),
    });
    return steps;
  } finally {
    delete process.env.FAKE_DIRECTORY;
  }
}

const RUN = `
echo "### Uploading install SSH keys ###"
echo "### Gathering machine facts ###"
echo "### Formatting hard drive with disko ###"
echo "umount: /mnt: not mounted" >&2
echo "### Uploading the system closure ###"
echo "### Copying extra files ###"
echo "### Installing NixOS ###"
`;

describe("nix driver: nixos-anywhere", function () {
  this.timeout(120_000);

  it("is given what was built, our key, and no order to reboot; its steps are told once each", async () => {
    using programs = new FakePrograms({
      "nixos-anywhere": `printf '%s\\n' "$@" > "$FAKE_DIRECTORY/argv"\n${RUN}\necho "### Installing NixOS ###"\necho "### Done! ###"`,
    });
    const steps = await install(programs);
    assert.deepEqual(steps, ["keys", "facts", "format", "closure", "secrets", "bootloader", "done"]);
    const argv = readFileSync(programs.at("argv"), "utf8").trimEnd().split("\n");
    const key = argv[argv.indexOf("-i") + 1] ?? "";
    assert.deepEqual(argv, [
      "--store-paths",
      "/nix/store/a-disko",
      "/nix/store/b-system",
      "--build-on",
      "local",
      "--phases",
      "disko,install",
      "--extra-files",
      programs.at("extra"),
      "-i",
      key,
      "--ssh-port",
      "22",
      "--target-host",
      "root@10.0.100.50",
    ]);
    assert.match(key, /\/flint-ssh-[^/]+\/id$/);
    assert.equal(existsSync(key), false, "the key is removed afterwards");
  });

  it("is given the keys of encrypted disks as files, which the installer gets before it formats", async () => {
    using programs = new FakePrograms({ "nixos-anywhere": `printf '%s\\n' "$@" > "$FAKE_DIRECTORY/argv"\n${RUN}` });
    await install(programs, 10_000, { "/run/flint/data.key": "/private/data.key" });
    const argv = readFileSync(programs.at("argv"), "utf8").trimEnd().split("\n");
    const at = argv.indexOf("--disk-encryption-keys");
    assert.deepEqual(argv.slice(at, at + 3), ["--disk-encryption-keys", "/run/flint/data.key", "/private/data.key"]);
  });

  it("a failure names the step, the exit code and the last lines, without secrets", async () => {
    rememberSecrets("hunter2-and-more");
    using programs = new FakePrograms({
      "nixos-anywhere": `${RUN}\nfor i in 1 2 3; do echo "line $i" >&2; done\necho "error: password hunter2-and-more" >&2; sleep 0.2; exit 4`,
    });
    await assert.rejects(install(programs), {
      name: "FlintError",
      message:
        'node01\'s installer: expected nixos-anywhere to finish "installing the bootloader" but found ' +
        "exit code 4: line 1; line 2; line 3; error: password [secret]. " +
        "The machine is still in the installer: see its console, mend the cause, and run `pulumi up` again. [INSTALL_FAILED]",
    });
    forgetSecrets();
  });

  it("one that fails before its first step says so", async () => {
    using programs = new FakePrograms({ "nixos-anywhere": "echo 'unknown flag' >&2; exit 1" });
    await assert.rejects(install(programs), {
      message:
        "node01's installer: expected nixos-anywhere to finish its first step but found exit code 1: unknown flag. " +
        "The machine is still in the installer: see its console, mend the cause, and run `pulumi up` again. [INSTALL_FAILED]",
    });
  });

  it("one that hangs is ended at the deadline, with what it started, and its key is removed", async () => {
    using programs = new FakePrograms({
      "nixos-anywhere": `printf '%s\\n' "$@" > "$FAKE_DIRECTORY/argv"\n${RUN}\nsleep 300 & echo $! > "$FAKE_DIRECTORY/ssh"; wait`,
    });
    await assert.rejects(install(programs, 1000), {
      message:
        'nixos-anywhere: expected an end within 1 s but found it at "installing the bootloader", last line: umount: /mnt: not mounted. See what it was doing in the last ' +
        "line; raise the deadline in the stack file if the machine is slow. [TOOL_TIMEOUT]",
    });
    const argv = readFileSync(programs.at("argv"), "utf8").split("\n");
    assert.equal(existsSync(argv[argv.indexOf("-i") + 1] ?? ""), false);
    const state = `/proc/${readFileSync(programs.at("ssh"), "utf8").trim()}/status`;
    assert.ok(!existsSync(state) || /^State:\s+Z/m.test(readFileSync(state, "utf8")), "its ssh is gone");
  });
});
