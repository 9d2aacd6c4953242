import { FlintError } from "../../foundation/errors.js";

/**
 * One argument as a POSIX shell word that stands for exactly these characters. Everything is quoted, also what looks
 * harmless: `if`, `A=b` and `~` mean something to a shell only when they are bare.
 * @throws FlintError `SSH_ARGUMENT` for a NUL character, which no command line can carry.
 */
export function quote(argument: string): string {
  if (argument.includes("\0"))
    throw new FlintError("SSH_ARGUMENT", {
      subject: `argument ${JSON.stringify(argument.slice(0, 40))}`,
      expected: "text without NUL characters",
      found: "a NUL character",
      remedy: "Pass binary data on standard input instead.",
    });
  return `'${argument.replaceAll("'", "'\\''")}'`;
}

/** An argument array as one command line for a POSIX shell. */
export function commandLine(argv: readonly string[]): string {
  return argv.map(quote).join(" ");
}
