import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { combinedDigest, directoryDigest, TooLarge } from "./digest.js";
import { shown } from "./problem.js";
import type { Cluster } from "./schema.js";
import type { SourceReader } from "./source-reader.js";

/** Absolute paths or flake references. */
export interface SystemSource {
  flake: string;
  inputs: Record<string, string>;
  digest: string;
}

/** The flake and its overridden inputs, with one digest over all that is in directories. */
export function readFlake(reader: SourceReader, declared: Cluster["system"]): SystemSource {
  const flake = flakeReference(reader, declared.flake, "system.flake");
  if (flake.digest !== undefined && !existsSync(resolve(flake.reference, "flake.nix"))) {
    reader.report({
      path: "system.flake",
      found: `${shown(declared.flake)} has no flake.nix`,
      allowed: "a directory with a flake.nix, or a flake reference",
      remedy: "Name the directory that holds the flake.",
    });
  }
  const inputs = Object.entries(declared.inputs).map(
    ([name, reference]) => [name, flakeReference(reader, reference, `system.inputs.${name}`)] as const,
  );
  const digests = Object.fromEntries(
    inputs.map(([name, { reference, digest }]) => [`input ${name}`, digest ?? reference]),
  );
  return {
    flake: flake.reference,
    inputs: Object.fromEntries(inputs.map(([name, { reference }]) => [name, reference])),
    digest: combinedDigest({ ...digests, flake: flake.digest ?? flake.reference }),
  };
}

/** `./nix` and `/srv/nix` are directories; everything else is a reference that nix understands. */
function flakeReference(reader: SourceReader, text: string, path: string): { reference: string; digest?: string } {
  if (!/^(\.{0,2}\/|\.{1,2}$)/.test(text)) return { reference: text };
  const reference = resolve(reader.directory, text);
  if (!existsSync(reference) || !statSync(reference).isDirectory()) {
    reader.report({
      path,
      found: `the directory ${text} does not exist`,
      allowed: `a directory (relative paths start at ${reader.directory}) or a flake reference`,
      remedy: "Create it, or name another.",
    });
    return { reference };
  }
  try {
    return { reference, digest: directoryDigest(reference) };
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    reader.report({
      path,
      found: `${shown(text)} has ${error.message}`,
      allowed: "a flake's source directory",
      remedy: "Move the flake into a directory of its own, without data and build results.",
    });
    return { reference };
  }
}
