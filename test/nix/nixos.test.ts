// limit: 1800 s
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CHECKOUT, evaluate as evaluateWithin } from "./nix-evaluation.js";

const NIXPKGS = process.env.FLINT_NIXPKGS ?? "";
const DISKO = process.env.FLINT_DISKO ?? "";
const evaluate = (expression: string) => evaluateWithin(expression, 300_000);
const available = existsSync(join(NIXPKGS, "nixos/lib/eval-config.nix")) && existsSync(join(DISKO, "module.nix"));

describe("Real NixOS", function () {
  this.timeout("600 s");

  const mkCluster = `
    let
      lib = import ${NIXPKGS}/lib;
      nixpkgs = { outPath = "${NIXPKGS}"; lib = lib // {
        nixosSystem = args: import ${NIXPKGS}/nixos/lib/eval-config.nix ({ system = null; inherit lib; } // args); }; };
      disko.nixosModules.disko = ${DISKO}/module.nix;
      made = import ${CHECKOUT}/nix/lib/mk-cluster.nix { self = { inputs = { }; }; } {
        inherit nixpkgs disko;
        clusterFile = ${CHECKOUT}/nix/tests/example/cluster.json;
        modules = [ ${CHECKOUT}/nix/tests/example/packages.nix ];
      };
    in `;

  before(function () {
    if (available) return;
    console.warn(
      "SKIPPED: real NixOS is evaluated where FLINT_NIXPKGS names a nixpkgs and FLINT_DISKO a disko; neither is part of this repository.",
    );
    this.skip();
  });

  for (const name of ["node01", "node03", "node04"])
    it(`evaluates ${name} of the example cluster, without a warning`, async () => {
      const seen = await evaluate(`${mkCluster} let c = made.nixosConfigurations.${name}.config; in
        { inherit (c) warnings; toplevel = c.system.build.toplevel.drvPath; disko = c.system.build.diskoScript.drvPath; }`);
      const { warnings, toplevel, disko } = z
        .object({ warnings: z.array(z.string()), toplevel: z.string(), disko: z.string() })
        .parse(seen);
      assert.deepEqual(warnings, []);
      assert.match(toplevel, new RegExp(`-nixos-system-${name}-.*\\.drv$`));
      assert.match(disko, /\.drv$/);
    });

  for (const [arch, profile] of [
    ["x86_64", "worker"],
    ["aarch64", "control-plane"],
  ])
    it(`evaluates the ${profile} netboot image for ${arch}`, async () => {
      const path = await evaluate(`${mkCluster} made.packages.${arch}-linux.netboot-${profile}.drvPath`);
      assert.match(String(path), new RegExp(`-netboot-${profile}\\.drv$`));
    });
});
