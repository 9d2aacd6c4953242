import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The checkout: mocha runs there. */
export const CHECKOUT = resolve(".");

/** Evaluates a Nix expression to JSON. Rejects with nix's own error text, without colours and traces. */
export async function evaluate(expression: string, timeout = 30_000): Promise<unknown> {
  try {
    const { stdout } = await run("nix-instantiate", ["--eval", "--strict", "--json", "--expr", expression], {
      timeout,
      maxBuffer: 16 << 20,
    });
    return JSON.parse(stdout);
  } catch (cause) {
    const stderr = typeof cause === "object" && cause !== null && "stderr" in cause ? String(cause.stderr) : "";
    // biome-ignore lint/complexity/useRegexLiterals: an escape character in a literal is refused too
    const plain = stderr.replace(new RegExp("\u001b\\[[0-9;]*m", "g"), "");
    const last = plain.lastIndexOf("error: ");
    throw new Error(last < 0 ? String(cause) : plain.slice(last + 7).trim());
  }
}

/** A node's entry of cluster.json as Flint writes it. */
export function nodeEntry(number: number, change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    profile: "control-plane",
    system: "x86_64-linux",
    networks: {
      provisioning: { mac: `52:54:00:00:00:0${number}`, address: `10.0.100.${49 + number}`, prefixLength: 24 },
      cluster: { mac: `52:54:00:00:01:0${number}`, address: `10.0.200.${9 + number}`, prefixLength: 24 },
    },
    hosts: { node01: { provisioning: "10.0.100.50", cluster: "10.0.200.10" } },
    disk: { layout: "single-uefi", serial: `DISK-dev-0${number}`, mark: "flint-1a2b3c4d" },
    kernelParams: [],
    labels: { rack: "a1" },
    services: { chainfire: { apiPort: 2379, raftPort: 2380 }, iam: { port: 8080 } },
    sshAuthorizedKeys: ["ssh-ed25519 AAAA operator"],
    ...change,
  };
}

export const CLUSTER = { name: "dev", domain: "dev.example.com" };

/** cluster.json in a directory of its own; `remove` when done. */
export function clusterFile(content: unknown): { path: string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), "flint-cluster-"));
  const path = join(directory, "cluster.json");
  writeFileSync(path, JSON.stringify(content));
  return { path, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** A module system to evaluate with: nixpkgs' own where FLINT_NIXPKGS names a nixpkgs, and always ours. */
export interface Lib {
  title: string;
  expression: string;
}
const NIXPKGS = process.env.FLINT_NIXPKGS;
export const OWN_LIB: Lib = { title: "the stand-in lib", expression: `import ${CHECKOUT}/nix/tests/mini-lib.nix` };
export const LIBS: Lib[] = [OWN_LIB];
if (NIXPKGS !== undefined && existsSync(join(NIXPKGS, "lib/default.nix")))
  LIBS.push({ title: "nixpkgs' lib", expression: `import ${NIXPKGS}/lib` });
else console.warn("FLINT_NIXPKGS names no nixpkgs: the modules are evaluated with the stand-in lib only.");

const SERVICES = ["chainfire", "flaredb", "iam", "plasmavmc"];

/** node01's configuration as Flint's modules make it, evaluated to what `select` (a Nix function) takes from it; `packaged` services have a package. */
export async function evaluateNode(
  select: string,
  entry: Record<string, unknown> = nodeEntry(1),
  extra = "{ }",
  lib: Lib = OWN_LIB,
  packaged = SERVICES,
): Promise<unknown> {
  const file = clusterFile({ version: 1, cluster: CLUSTER, nodes: { node01: entry } });
  const nix = join(CHECKOUT, "nix");
  try {
    return await evaluate(`
      let
        lib = ${lib.expression};
        cluster = import ${nix}/lib/cluster.nix ${file.path};
        package = name: { type = "derivation"; inherit name; outPath = "/opt/\${name}"; };
        evaluated = lib.evalModules { modules = import ${nix}/lib/node-modules.nix cluster "node01" ++ [
          ${nix}/tests/nixos-options.nix
          { _module.args.pkgs = { bash = package "bash"; coreutils = package "coreutils"; curl = package "curl"; jq = package "jq"; };
            services = builtins.listToAttrs (map (name: { inherit name; value.package = lib.mkDefault (package name); })
              [ ${packaged.map((name) => `"${name}"`).join(" ")} ]); }
          (${extra})
        ]; };
      in (${select}) evaluated.config`);
  } finally {
    file.remove();
  }
}

/** The assertions that a system of this entry and these modules would be refused with. */
export async function failedAssertions(
  entry: Record<string, unknown>,
  extra = "{ }",
  packaged = SERVICES,
): Promise<unknown> {
  return evaluateNode(
    "config: map (a: a.message) (builtins.filter (a: !a.assertion) config.assertions)",
    entry,
    extra,
    OWN_LIB,
    packaged,
  );
}
