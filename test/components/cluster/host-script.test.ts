import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { renderPrepare, renderUnprepare } from "../../../components/cluster/render-host-script.js";
import { NIXOS_CONFIGURATION } from "../../../providers/pxe-server/distribution.js";

/** Runs a script as root of a mount namespace in which /var/lib is empty and writable, and tells what is left there. */
function inEmptyVarLib(script: string): string[] {
  const inside = `mount -t tmpfs none /var/lib\n(${script}\n)\nfind /var/lib -mindepth 1 | sort`;
  const output = execFileSync("unshare", ["--mount", "--map-root-user", "sh", "-euc", inside], { encoding: "utf8" });
  return output.split("\n").filter((line) => line !== "");
}

describe("preparing the provisioning host", () => {
  it("is a script that a POSIX shell can read", () => {
    for (const script of [renderPrepare("dev"), renderUnprepare("dev")]) execFileSync("sh", ["-n"], { input: script });
  });

  it("starts no daemon while packages are installed, and notes what came", () => {
    const script = renderPrepare("dev");
    const order = ["exit 101", "dpkg-query", "-y --no-install-recommends install", "installed-packages"];
    const places = order.map((text) => script.indexOf(text));
    assert.equal(
      places.every((place, index) => place > (places[index - 1] ?? 0)),
      true,
      places.join(),
    );
  });

  it("installs on Debian and Ubuntu only, and tells others what they need", () => {
    const on = (release: string) => {
      // iPXE's files are hidden, so that something is missing; the fake os-release lies over the real one.
      const hide = "for d in /usr/lib/ipxe /etc/ipxe /usr/share/ipxe; do [ ! -d $d ] || mount -t tmpfs none $d; done";
      const fake = 'cat >/var/lib/release; mount --bind /var/lib/release "$(readlink -f /etc/os-release)"';
      const inside = `mount -t tmpfs none /var/lib\n${hide}\n${fake}\n${renderPrepare("dev")}`;
      const argv = ["--mount", "--map-root-user", "sh", "-euc", inside];
      const { status, stderr } = spawnSync("unshare", argv, { input: release, encoding: "utf8" });
      return [status, ...stderr.trim().split("\n")];
    };
    assert.deepEqual(on('ID=nixos\nID_LIKE=""\nPRETTY_NAME="NixOS 25.05 (Warbler)"\n'), [
      1,
      "preparation: nothing can be installed on NixOS 25.05 (Warbler) from outside. Put this into its configuration and switch it:",
      NIXOS_CONFIGURATION,
    ]);
    for (const [release, name] of [
      ['ID=fedora\nPRETTY_NAME="Fedora Linux 41"\n', "Fedora Linux 41"],
      ["ID=arch\nPRETTY_NAME='Arch Linux'\n", "Arch Linux"],
      ["", "this system"],
    ] as const) {
      const [status, first, second] = on(release);
      assert.equal(status, 1);
      assert.match(
        String(first),
        new RegExp(`^preparation:.* ipxe missing on ${name}\\. Flint installs packages on Debian and Ubuntu only\\.$`),
      );
      assert.equal(second, "Install dnsmasq, nginx, curl and iPXE's boot files there, and set pxe.prepare: false.");
    }
  });

  it("is undone without a trace when Flint's directories are empty", () => {
    const left = inEmptyVarLib(`mkdir -p /var/lib/flint/dev/http/images\n${renderUnprepare("dev")}`);
    assert.deepEqual(left, []);
  });

  it("leaves another cluster and files that are not Flint's", () => {
    const others = "mkdir -p /var/lib/flint/prod /var/lib/flint/dev/log; touch /var/lib/flint/dev/log/mine";
    assert.deepEqual(inEmptyVarLib(`${others}\n${renderUnprepare("dev")}`), [
      "/var/lib/flint",
      "/var/lib/flint/dev",
      "/var/lib/flint/dev/log",
      "/var/lib/flint/dev/log/mine",
      "/var/lib/flint/prod",
    ]);
  });

  it("takes what the lock left with it, unless somebody holds it", () => {
    const run = (before: string) =>
      execFileSync(
        "unshare",
        ["--mount", "--map-root-user", "sh", "-euc"].concat(
          `mount -t tmpfs none /run\nmount -t tmpfs none /var/lib\nmkdir /run/flint\n${before}\n(${renderUnprepare("dev")})\nfind /run -path '*flint*' | sort`,
        ),
        { encoding: "utf8" },
      )
        .trim()
        .split("\n");
    assert.deepEqual(run("touch /run/flint/dev.lock.guard"), [""]);
    const held = ["/run/flint", "/run/flint/dev.lock", "/run/flint/dev.lock.guard"];
    assert.deepEqual(run("touch /run/flint/dev.lock.guard /run/flint/dev.lock"), held);
    assert.deepEqual(run("touch /run/flint/prod.lock.guard"), ["/run/flint", "/run/flint/prod.lock.guard"]);
  });

  it("has nothing to undo on a host that was set up anew", () => {
    assert.deepEqual(inEmptyVarLib(renderUnprepare("dev")), []);
  });
});
