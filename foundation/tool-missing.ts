import { FlintError } from "./errors.js";

/** TOOL_MISSING: a program that Flint starts on the operator's machine is not on PATH. */
export function toolMissing(program: string): FlintError {
  return new FlintError("TOOL_MISSING", {
    subject: program,
    expected: "the program on PATH",
    remedy: `Install ${program}, or put its directory on PATH of pulumi.`,
  });
}
