import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT, evaluate } from "../nix-evaluation.js";

/** Who makes the script of a layout: disko itself, or `nix/tests/mini-disko.nix`. */
export type Maker = "disko" | "mini-disko";

/** Where disko's and nixpkgs' sources are; without both, layouts are tried with our stand-in alone. */
export const SOURCES = { disko: process.env.FLINT_DISKO ?? "", nixpkgs: process.env.FLINT_NIXPKGS ?? "" };
export const HAS_DISKO = SOURCES.disko !== "" && SOURCES.nixpkgs !== "";

/** What a machine runs to lay the disks of `disk` out: a bash script, and the files that it names, below /case. */
export async function diskScript(disk: Record<string, unknown>, maker: Maker): Promise<Record<string, string>> {
  const nix = join(CHECKOUT, "nix");
  const value = `(builtins.fromJSON ''${JSON.stringify(disk)}'')`;
  const devices = `(import ${nix}/disko/devices.nix ${value})`;
  const format =
    maker === "mini-disko"
      ? `import ${nix}/tests/mini-disko.nix ${devices}`
      : `let lib = import ${SOURCES.nixpkgs}/lib; in (lib.evalModules { modules = [ {
          options.disko.devices = lib.mkOption { type = (import ${SOURCES.disko}/lib { inherit lib; }).toplevel; };
          config.disko.devices = ${devices};
        } ]; }).config.disko.devices._disko`;
  const text = await evaluate(`{
    start = import ${nix}/disko/script.nix { disk = ${value}; format = "exec /case/format"; };
    format = ${format};
  }`);
  const { start, format: body } = text as { start: string; format: string };
  return {
    start,
    format: `#!/usr/bin/env bash\n${body.replaceAll(/\/nix\/store\/[^/\s]*disk-deactivate/g, "/case/disk-deactivate")}`,
  };
}

/** disko's programs that let go of what is on a disk, as it has them: its scripts name them. */
export function deactivation(): Record<string, string> {
  const names = ["disk-deactivate", "disk-deactivate.jq", "zfs-swap-deactivate.jq"];
  const of = (name: string) => readFileSync(join(SOURCES.disko, "disk-deactivate", name), "utf8");
  return Object.fromEntries(names.map((name) => [`disk-deactivate/${name}`, of(name)]));
}
