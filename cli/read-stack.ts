import { execa } from "execa";
import { FlintError } from "../foundation/errors.js";

/** The engine may have to decrypt a state of hundreds of machines. */
const EXPORT_MS = 120_000;

/**
 * The state of a stack with its secrets, which stay in this process: they are in no file and no argument.
 * @throws FlintError `STACK_UNREADABLE` with what the Pulumi CLI says.
 */
export async function readStack({ stack, directory }: { stack?: string; directory?: string }): Promise<unknown> {
  const named = stack === undefined ? [] : ["--stack", stack];
  const args = ["stack", "export", "--show-secrets", "--non-interactive", ...named];
  const { stdout, stderr, failed, exitCode, code } = await execa("pulumi", args, {
    reject: false,
    timeout: EXPORT_MS,
    stdin: "ignore",
    maxBuffer: 500_000_000,
    ...(directory === undefined ? {} : { cwd: directory }),
  });
  if (!failed) return JSON.parse(stdout);
  const lines = stderr
    .trim()
    .split("\n")
    .filter((line) => line !== "");
  throw new FlintError("STACK_UNREADABLE", {
    subject: stack === undefined ? "the selected stack" : `stack ${stack}`,
    expected: "`pulumi stack export` to tell its state",
    found: code === "ENOENT" ? "no pulumi on PATH" : (lines.at(-1) ?? `exit code ${exitCode}`),
    remedy:
      "Run it where `pulumi stack` works: in the project's directory, with the passphrase set; name a stack with --stack.",
  });
}
