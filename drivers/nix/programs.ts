import { notOnPath, toolMissing } from "../../foundation/tool-missing.js";

/** What this machine must have to build systems and to install them. */
export const PROGRAMS = ["nix", "nixos-anywhere"] as const;

export type Program = (typeof PROGRAMS)[number];

/** Those that are not on PATH. */
export function missingPrograms(path = process.env.PATH ?? ""): Program[] {
  return notOnPath(PROGRAMS, path);
}

/**
 * Before anything is done for which they are needed.
 * @throws FlintError `TOOL_MISSING`
 */
export function requirePrograms(path = process.env.PATH ?? ""): void {
  const [program] = missingPrograms(path);
  if (program !== undefined) throw toolMissing(program);
}
