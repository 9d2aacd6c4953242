// limit: 600 s
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CHECKOUT } from "./nix-evaluation.js";

const run = promisify(execFile);
const NIX = join(CHECKOUT, "nix");
const EXAMPLE = join(NIX, "tests/example/cluster.json");
const PACKAGES = `{ pkgs, ... }: { services = builtins.listToAttrs (map (name: { inherit name; value.package = pkgs.bash; })
  [ "chainfire" "flaredb" "iam" "plasmavmc" ]); }`;

// nixpkgs and disko cannot be had here: these stand in for them, by name and type of what Flint uses.
console.warn("nix flake check runs with stand-ins for nixpkgs and disko (nix/tests/stand-in).");

describe("The flake, with stand-ins for nixpkgs and disko", function () {
  this.timeout("240 s");
  let work = "";
  let inputs: string[] = [];
  const override = (name: string, path: string) => ["--override-input", name, `path:${path}`];
  const nix = async (command: string[], args: string[]) => {
    const common = ["--offline", "--no-write-lock-file", "--option", "sandbox", "false", ...inputs];
    const { stdout, stderr } = await run("nix", [...command, ...common, ...args], { cwd: work, maxBuffer: 16 << 20 });
    return { stdout: stdout.trim(), stderr };
  };

  before(() => {
    work = mkdtempSync(join(tmpdir(), "flint-flake-"));
    cpSync(join(NIX, "tests/stand-in"), work, { recursive: true });
    for (const file of ["mini-lib.nix", "nixos-options.nix"])
      cpSync(join(NIX, "tests", file), join(work, "nixpkgs", file));
    inputs = [...override("nixpkgs", join(work, "nixpkgs")), ...override("disko", join(work, "disko"))];
  });
  after(() => rmSync(work, { recursive: true, force: true }));

  it("passes `nix flake check` for both systems, checks built", async () => {
    const { stderr } = await nix(["flake", "check", "--all-systems"], [`path:${NIX}`]);
    for (const output of [
      "nixosModules.chainfire",
      "packages.aarch64-linux.netboot-worker",
      "checks.x86_64-linux.units",
      "templates.default",
    ])
      assert.match(stderr, new RegExp(`checking .*'?${output.replaceAll(".", "\\.")}`), output);
  });

  it("has no inputs but nixpkgs and disko, and disko's nixpkgs is the same", async () => {
    const { stdout } = await nix(["flake", "metadata", "--json"], [`path:${NIX}`]);
    const { locks } = JSON.parse(stdout);
    assert.deepEqual(Object.keys(locks.nodes).sort(), ["disko", "nixpkgs", "root"]);
    assert.deepEqual(locks.nodes.disko.inputs.nixpkgs, ["nixpkgs"]);
  });

  it("builds a netboot image whose manifest tells digests, sizes and init=", async () => {
    const { stdout } = await nix(
      ["build", "--no-link", "--print-out-paths"],
      [`path:${NIX}#packages.aarch64-linux.netboot-worker`],
    );
    const manifest = JSON.parse(readFileSync(join(stdout, "manifest.json"), "utf8"));
    const sum = async (file: string) => (await run("sha256sum", [join(stdout, file)])).stdout.slice(0, 64);
    assert.deepEqual(manifest.kernel, { file: "bzImage", size: 7, sha256: await sum("bzImage") });
    assert.deepEqual(manifest.initrd, { file: "initrd", size: 7, sha256: await sum("initrd") });
    assert.partialDeepStrictEqual(manifest, { version: 1, arch: "aarch64", profile: "worker" });
    assert.match(manifest.init, /^\/nix\/store\/[^/]+-nixos-system-installer-[^/]+\/init$/);
    assert.ok(manifest.cmdline.startsWith(`init=${manifest.init} `));
    const script = readFileSync(join(stdout, "netboot.ipxe"), "utf8");
    assert.ok(script.startsWith(`#!ipxe\nkernel bzImage initrd=initrd ${manifest.cmdline} \${cmdline}\n`), script);
  });

  describe("its template", () => {
    let mine = "";
    const flint = () => override("flint", NIX);
    const cluster = () => override("cluster", EXAMPLE);

    before(async () => {
      // `flake init` takes no overrides: a copy whose inputs are the stand-ins themselves.
      const copy = join(work, "flint");
      cpSync(NIX, copy, { recursive: true });
      const text = readFileSync(join(copy, "flake.nix"), "utf8")
        .replace("github:NixOS/nixpkgs/nixos-25.11", `path:${work}/nixpkgs`)
        .replace("github:nix-community/disko", `path:${work}/disko`);
      writeFileSync(join(copy, "flake.nix"), text);
      mine = join(work, "mine");
      mkdirSync(mine);
      await run("nix", ["flake", "init", "--offline", "-t", `path:${copy}`], { cwd: mine });
    });

    it("is what a user starts from, and evaluates before Flint gave it a cluster", async () => {
      for (const file of ["flake.nix", "packages.nix", "system.nix"]) assert.ok(existsSync(join(mine, file)), file);
      await nix(["flake", "check", "--all-systems"], [...flint(), `path:${mine}`]);
    });

    it("names the packages that are missing", () =>
      assert.rejects(
        nix(
          ["eval"],
          [...flint(), ...cluster(), `path:${mine}#nixosConfigurations.node01.config.system.build.toplevel`],
        ),
        /services\.chainfire\.package: Chainfire runs on node01 \(profile control-plane\), but there is no package for it\./,
      ));

    it("makes every node of cluster.json, each checked for secrets in the store", async () => {
      writeFileSync(join(mine, "packages.nix"), PACKAGES);
      const { stderr } = await nix(["flake", "check"], [...flint(), ...cluster(), `path:${mine}`]);
      for (const name of ["node01", "node02", "node03"]) {
        assert.match(stderr, new RegExp(`checking NixOS configuration 'nixosConfigurations\\.${name}'`));
        assert.match(stderr, new RegExp(`checking derivation checks\\.x86_64-linux\\.${name}-store-secrets`));
      }
    });

    it("builds what Flint asks for: toplevel and diskoScript of each node", async () => {
      const build = "config.system.build";
      const { stdout } = await nix(
        ["build", "--no-link", "--print-out-paths"],
        [
          ...flint(),
          ...cluster(),
          ...["toplevel", "diskoScript"].map((part) => `path:${mine}#nixosConfigurations.node01.${build}.${part}`),
        ],
      );
      assert.match(stdout, /-nixos-system-node01-stand-in\n.*-disko$/);
    });

    it("fails its check when a module puts a key into the system", async () => {
      const key = `-----BEGIN PRIVATE ${"KEY"}-----`;
      writeFileSync(
        join(mine, "packages.nix"),
        `{ imports = [ (${PACKAGES}) { environment.etc."leak".text = "${key}\\n${"MC4CAQAwBQYDK2VwBCIEIJ1h".repeat(2)}\\n"; } ]; }`,
      );
      await assert.rejects(
        nix(
          ["build", "--no-link"],
          [...flint(), ...cluster(), `path:${mine}#checks.x86_64-linux.node01-store-secrets`],
        ),
        /holds a private key|secrets in the Nix store/,
      );
    });
  });
});
