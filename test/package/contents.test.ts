import assert from "node:assert/strict";
import { RESOURCE_FOLDERS } from "../providers/resource-folders.js";
import { packedFiles } from "./packed-files.js";
import { publicTypes } from "./public-types.js";

describe("the packed package", () => {
  let files: string[] = [];
  let modes = new Map<string, number>();
  let bytes = 0;

  before(function () {
    this.timeout("120 s");
    const packed = packedFiles();
    files = packed.files.map((file) => file.path);
    modes = new Map(packed.files.map((file) => [file.path, file.mode]));
    bytes = packed.unpackedSize;
  });

  it("holds what a user's program and the provider process load, with types", () => {
    for (const needed of [
      "dist/components/index.js",
      "dist/components/index.d.ts",
      "dist/foundation/errors.js",
      "nix/modules/default.nix",
      "Pulumi.example.yaml",
      "README.md",
      "LICENSE",
    ]) {
      assert.ok(files.includes(needed), `${needed} is missing`);
    }
    for (const resource of RESOURCE_FOLDERS) {
      assert.ok(files.includes(`dist/providers/${resource}/lifecycle.js`), `the lifecycle of ${resource} is missing`);
    }
  });

  it("holds the simulated rack, with its programs, for users' own tests", () => {
    for (const needed of [
      "dist/lab/simulated/index.js",
      "dist/lab/simulated/index.d.ts",
      "dist/lab/simulated/cli.js",
      "dist/lab/simulated/main.js",
      "dist/lab/redfish/server.js",
      "lab/simulated/README.md",
      "lab/simulated/faults.md",
      "lab/simulated/tools/hand-over.sh",
    ]) {
      assert.ok(files.includes(needed), `${needed} is missing`);
    }
    for (const program of ["nix", "nixos-anywhere"])
      assert.equal(modes.get(`lab/simulated/bin/${program}`), 0o755, `${program} is no program`);
  });

  it("holds every type file that those of what it exports import", () => {
    assert.deepEqual(
      publicTypes(files).filter((file) => !files.includes(file)),
      [],
    );
  });

  it("holds nothing else of the lab, no tests, no TypeScript sources, no secrets", () => {
    const ofLab =
      /^(dist\/lab\/(simulated\/|redfish\/(?!fake)|demo\/table\.js$)|lab\/(README\.md$|simulated\/(bin\/|tools\/|\w+\.md$)))/;
    const strays = files.filter(
      (file) =>
        (/^(dist\/)?(test|lab|bench|scripts)\//.test(file) && !ofLab.test(file)) ||
        /(?<!\.d)\.ts$|\.tsbuildinfo$|\.pem$|\.key$|^\.rack/.test(file),
    );
    assert.deepEqual(strays, []);
  });

  it("holds of the modules' tests the example, which the flake's own checks build, and the stand-ins that lab systems are made with", () => {
    const ofNix = files.filter((file) => /^nix\/(tests|reference)\//.test(file)).sort();
    assert.deepEqual(
      ofNix,
      ["example/cluster.json", "example/packages.nix", "mini-disko.nix", "mini-lib.nix"].map(
        (file) => `nix/tests/${file}`,
      ),
    );
  });

  it("stays small", () => {
    assert.ok(bytes < 2_300_000, `${bytes} bytes`);
  });
});
