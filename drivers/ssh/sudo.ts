import { FlintError } from "../../foundation/errors.js";
import type { ExecResult } from "./target.js";

/** `-n`: sudo fails where it would ask for a password. `--`: what follows is the command, whatever it looks like. */
export const SUDO = ["sudo", "-n", "--"] as const;

/** The command as root: by itself, or through sudo. */
export function asRoot(sudo: boolean | undefined, argv: readonly string[]): readonly string[] {
  return sudo === true ? [...SUDO, ...argv] : argv;
}

/** What is asked once on a new connection: every command goes through a shell or a program that sudo must allow as well. */
export const WHO_AM_I = ["sh", "-c", "id -u"];

/** Exit codes of a sudo that refuses, and of a shell that has no sudo. All are answers to `WHO_AM_I`. */
export const SUDO_CODES = [1, 126, 127];

/**
 * Judges the answer to `WHO_AM_I`.
 * @param host Name of the host for messages. @param user The account. @throws FlintError `HOST_SUDO`.
 */
export function refuseWithoutRoot(host: string, user: string, { code, stdout, stderr }: ExecResult): void {
  if (code === 0 && stdout.trim() === "0") return;
  const said = stderr.trim().split("\n").at(-1)?.trim() ?? "";
  throw new FlintError("HOST_SUDO", {
    subject: `${host}, account ${user}`,
    expected: "sudo that runs commands as root without asking for a password",
    found: said === "" ? `exit code ${code} and no message` : said,
    remedy: sudoRemedy(user),
  });
}

/** What makes sudo do it, for a user of the form that the schema allows. */
export function sudoRemedy(user: string): string {
  return `Allow it there in /etc/sudoers.d/flint: \`${user} ALL=(ALL) NOPASSWD: ALL\`, and \`Defaults:${user} !requiretty\` where it wants a terminal. Or use the account root. Nothing was changed.`;
}
