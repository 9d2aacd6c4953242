import { join } from "node:path";

/** The flake of the rack's systems as nix is told of it: which it is, and its three inputs. */
export interface RackFlake {
  /** For nix' command line. */
  options: string[];
  /** Installable of one of its outputs. */
  output(attribute: string): string;
}

/** @param clusterFile Path of a cluster.json. @param folder Where the flake is. Default: in the checkout. */
export function rackFlake(checkout: string, clusterFile: string, folder = join(checkout, "lab/systems")): RackFlake {
  const inputs = { cluster: clusterFile, flint: join(checkout, "nix"), debian: join(checkout, ".rack/debian") };
  const overrides = Object.entries(inputs).flatMap(([name, path]) => ["--override-input", name, `path:${path}`]);
  return {
    options: ["--no-write-lock-file", ...overrides],
    output: (attribute) => `path:${folder}#${attribute}`,
  };
}
