import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { renderPrepare, renderUnprepare } from "../../../components/cluster/render-host-script.js";

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
    const order = ["exit 101", "dpkg-query", "apt-get -qq -y --no-install-recommends install", "installed-packages"];
    const places = order.map((text) => script.indexOf(text));
    assert.equal(
      places.every((place, index) => place > (places[index - 1] ?? 0)),
      true,
      places.join(),
    );
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

  it("has nothing to undo on a host that was set up anew", () => {
    assert.deepEqual(inEmptyVarLib(renderUnprepare("dev")), []);
  });
});
