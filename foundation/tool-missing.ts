import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { FlintError } from "./errors.js";

/** TOOL_MISSING: a program that Flint starts on the operator's machine is not on PATH. */
export function toolMissing(program: string): FlintError {
  return new FlintError("TOOL_MISSING", {
    subject: program,
    expected: "the program on PATH",
    remedy: `Install ${program}, or put its directory on PATH of pulumi.`,
  });
}

/** Those of the programs that are not on PATH. */
export function notOnPath<P extends string>(programs: readonly P[], path = process.env.PATH ?? ""): P[] {
  const directories = path.split(delimiter).filter((directory) => directory !== "");
  return programs.filter((program) => !directories.some((directory) => isExecutable(join(directory, program))));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
