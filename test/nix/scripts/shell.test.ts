import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../lab/services/loopback-cluster.js";

describe("nix/scripts: as shell", () => {
  const folder = join(checkout, "nix/scripts");
  const scripts = readdirSync(folder).filter((name) => name.endsWith(".sh"));

  it("has no finding of shellcheck, and is strict POSIX shell", function () {
    this.timeout(120_000);
    const result = spawnSync("shellcheck", ["-x", "--shell=sh", ...scripts], { cwd: folder, encoding: "utf8" });
    assert.equal(result.status, 0, `${result.stdout}${result.stderr}${result.error ?? ""}`);
  });

  const run = (script: string, args: string[], env: Record<string, string> = {}) =>
    spawnSync(join(folder, script), args, { encoding: "utf8", env: { ...process.env, FLINT_DEADLINE: "0", ...env } });

  it("wrong arguments end with 2 and the usage", () => {
    for (const args of [[], ["etcd"]]) {
      const result = run("cluster-join.sh", args);
      assert.equal(result.status, 2);
      assert.match(result.stderr, /usage: cluster-join\.sh chainfire\|flaredb/);
    }
    const check = run("cluster-health-check.sh", ["postgres"]);
    assert.equal(check.status, 2);
    assert.match(check.stderr, /postgres is not one of chainfire, flaredb, iam, plasmavmc/);
  });

  it("a missing configuration ends with 2 before anything is called", () => {
    for (const [script, args] of [
      ["cluster-join.sh", ["chainfire"]],
      ["iam-initial-setup.sh", []],
      ["cluster-health-check.sh", []],
    ] as const) {
      const result = run(script, [...args], { FLINT_CLUSTER_CONFIG: "/nonexistent/cluster-config.json" });
      assert.equal(result.status, 2);
      assert.match(
        result.stderr,
        /: \/nonexistent\/cluster-config\.json cannot be read\n.*: remedy: deploy the node's secrets again \(pulumi up\)\n$/,
      );
    }
  });
});
