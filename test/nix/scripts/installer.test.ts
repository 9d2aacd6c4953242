import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { parseInventory } from "../../../providers/bare-metal-node/inventory/parse-inventory.js";
import { inventoryScript } from "../../../providers/bare-metal-node/inventory/script.js";
import { CHECKOUT } from "../nix-evaluation.js";

const script = (name: string) => join(CHECKOUT, "nix/scripts", name);

describe("The installer", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "flint-installer-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const put = (path: string, content: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const mode = (path: string) => (statSync(join(root, path)).mode & 0o777).toString(8);

  describe("tells what machine it is on", () => {
    it("as JSON, with what the inventory of the same machine says", () => {
      const said = JSON.parse(execFileSync("sh", [script("identity.sh")], { encoding: "utf8" }));
      const seen = parseInventory(execFileSync("sh", ["-s"], { input: inventoryScript(), encoding: "utf8" }));
      assert.equal(said.version, 1);
      assert.equal(said.bootId, seen.bootId);
      assert.equal(said.memoryKiB, seen.memoryKiB);
      assert.deepEqual(
        [said.firmware, said.installer, said.serial ?? undefined, said.uuid ?? undefined, said.node ?? undefined],
        [seen.firmware, seen.installer, seen.serial, seen.uuid, seen.node],
      );
      assert.deepEqual(said.cards, seen.nics);
      assert.ok(said.cpu.threads > 0);
      assert.deepEqual(
        said.disks.map((disk: Record<string, unknown>) => [disk.path, disk.size, disk.content, disk.blank]),
        seen.disks.map((disk) => [disk.path, disk.size, disk.content.summary, disk.content.blank]),
      );
    });

    it("whatever stands in labels and serial numbers, it stays JSON", () => {
      const tools = join(root, "bin");
      mkdirSync(tools);
      // As lsblk writes them: \x22 is a quote, \x5c a backslash.
      const pairs =
        'NAME="/dev/sda" TYPE="disk" SERIAL="S\\\\x22 1\\\\x5c" WWN="" SIZE="1000" MODEL="Ünï  " PTTYPE="gpt" FSTYPE="" LABEL="" PARTLABEL="" MOUNTPOINT=""\n' +
        'NAME="/dev/sda1" TYPE="part" SERIAL="" WWN="" SIZE="100" MODEL="" PTTYPE="gpt" FSTYPE="ext4" LABEL="it\\\\x27s" PARTLABEL="a b" MOUNTPOINT="/mnt"\n';
      const fake = (name: string, body: string) =>
        writeFileSync(join(tools, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
      fake(
        "lsblk",
        `case "$*" in *--pairs*) printf '${pairs.replaceAll("'", "'\\''")}' ;; *--json*) echo '{"blockdevices":[]}' ;; *) echo "/dev/sda disk" ;; esac`,
      );
      fake("wipefs", "printf '# offset,uuid,label,type\\n0x200,,,gpt\\n0x1fe,,,PMBR\\n0x438,1,a \"b\",crypto_LUKS\\n'");
      const env = { ...process.env, PATH: `${tools}:${process.env.PATH}` };
      const said = JSON.parse(execFileSync("sh", [script("identity.sh")], { encoding: "utf8", env }));
      assert.deepEqual(said.disks, [
        {
          path: "/dev/sda",
          serial: 'S" 1\\',
          wwn: null,
          size: 1000,
          model: "Ünï",
          content: `gpt, crypto_LUKS 'a "b"', ext4 'it's'`,
          blank: false,
          mounted: true,
          partitions: ["a b"],
        },
      ]);
    });
  });

  describe("lets in", () => {
    const keys = (dir = "flint") => {
      put(`${dir}/authorized_keys`, "ssh-ed25519 AAAA cluster\n");
      put(`${dir}/ssh_host_ed25519_key`, "the host key\n");
    };
    const start = () => execFileSync("sh", [script("installer-keys.sh"), root], { encoding: "utf8", stdio: "pipe" });

    for (const place of ["flint", "run/flint"])
      it(`the holder of the keys that came with the boot in /${place}, as the host that they say; private files are private`, () => {
        keys(place);
        start();
        assert.equal(read("root/.ssh/authorized_keys"), "ssh-ed25519 AAAA cluster\n");
        assert.equal(read("etc/ssh/ssh_host_ed25519_key"), "the host key\n");
        assert.deepEqual(["root/.ssh", "root/.ssh/authorized_keys", "etc/ssh/ssh_host_ed25519_key"].map(mode), [
          "700",
          "600",
          "600",
        ]);
      });

    it("nobody else: not the keys that an image was built with", () => {
      put("root/.ssh/authorized_keys", "ssh-ed25519 BBBB somebody\n");
      put("etc/ssh/ssh_host_ed25519_key", "the image's\n");
      put("etc/ssh/ssh_host_ed25519_key.pub", "the image's\n");
      keys();
      start();
      assert.equal(read("root/.ssh/authorized_keys"), "ssh-ed25519 AAAA cluster\n");
      assert.equal(read("etc/ssh/ssh_host_ed25519_key"), "the host key\n");
      assert.equal(existsSync(join(root, "etc/ssh/ssh_host_ed25519_key.pub")), false);
    });

    it("nobody at all when no keys came, with a host key of its own", () => {
      put("root/.ssh/authorized_keys", "ssh-ed25519 BBBB somebody\n");
      start();
      assert.equal(existsSync(join(root, "root/.ssh/authorized_keys")), false);
      assert.match(read("etc/ssh/ssh_host_ed25519_key"), /^-----BEGIN OPENSSH PRIVATE KEY-----/);
    });
  });

  describe("shows on its console", () => {
    const show = (...args: string[]) => {
      const env = { ...process.env, FLINT_ROOT: root, FLINT_CONSOLE: join(root, "console") };
      const { status, stdout } = spawnSync("sh", [script("installer-console.sh"), ...args], { env, encoding: "utf8" });
      assert.equal(status, 0);
      return stdout;
    };

    it("name, address, phase and the host key's fingerprint", () => {
      put("run/flint/card", "lo\n");
      put("root/.ssh/authorized_keys", "ssh-ed25519 AAAA cluster\n");
      mkdirSync(join(root, "etc/ssh"), { recursive: true });
      const key = join(root, "etc/ssh/ssh_host_ed25519_key");
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
      const fingerprint = execFileSync("ssh-keygen", ["-lf", key], { encoding: "utf8" }).split(" ")[1];
      assert.equal(show("phase", "laying the disks out"), "");
      assert.equal(read("console"), `flint: ${hostname()}: laying the disks out\n`);
      assert.deepEqual(show("show").split("\n"), [
        "",
        "  Flint installer",
        `    name         ${hostname()}`,
        "    address      none yet (lo)",
        `    host key     ${fingerprint}`,
        "    login        ssh with the operator's key",
        "    phase        laying the disks out",
        "",
        "  Enter opens a shell.",
        "",
      ]);
    });

    it("that nobody can log in when no keys came with the boot, and that it waits", () => {
      const lines = show("show").split("\n");
      assert.ok(lines.includes("    login        nobody: no keys came with the boot"));
      assert.ok(lines.includes("    phase        waiting for the installation"));
    });
  });
});
