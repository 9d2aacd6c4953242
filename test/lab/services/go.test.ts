import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { checkout } from "./loopback-cluster.js";

describe("lab/services: its Go code", function () {
  this.timeout(180_000);
  const services = join(checkout, "lab/services");
  const go = (...args: string[]) =>
    spawnSync("go", args, {
      cwd: services,
      encoding: "utf8",
      env: { ...process.env, GOTOOLCHAIN: "local", GOWORK: "off", GOPROXY: "off", GOFLAGS: "-mod=mod" },
    });

  it("passes its own tests", () => {
    const result = go("test", "./...");
    assert.equal(result.status, 0, `${result.stdout}${result.stderr}${result.error ?? ""}`);
  });

  it("needs nothing but the standard library", () => {
    const result = go("list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./...");
    assert.equal(result.status, 0, result.stderr);
    const foreign = result.stdout.split("\n").filter((path) => path !== "" && !path.startsWith("flint/lab/services"));
    assert.deepEqual(foreign, []);
  });
});
