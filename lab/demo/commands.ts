import path from "node:path";
import { execa } from "execa";

/** The checkout that this file was built from. */
export const CHECKOUT = path.resolve(__dirname, "../../..");

export interface CommandOptions {
  /** Shown as it arrives, or only returned. */
  show: boolean;
  input?: string;
  /** Milliseconds. */
  deadlineMs: number;
  /** Exit codes that are answers. Default: 0 only. */
  okCodes?: number[];
}

/**
 * Runs one of the checkout's scripts: `run("pulumi", ["up", "--yes"], …)`.
 * @throws Error with the end of the output, when the exit code is another than 0.
 */
export async function run(script: string, argv: string[], options: CommandOptions): Promise<string> {
  const result = await execa(path.join(CHECKOUT, "scripts", script), argv, {
    cwd: CHECKOUT,
    reject: false,
    timeout: options.deadlineMs,
    forceKillAfterDelay: 10_000,
    ...(options.input === undefined ? { stdin: options.show ? "inherit" : "ignore" } : { input: options.input }),
    stdout: options.show ? "inherit" : "pipe",
    stderr: options.show ? "inherit" : "pipe",
  });
  if (result.exitCode === 0 || options.okCodes?.includes(result.exitCode ?? -1)) return result.stdout ?? "";
  const output = [result.stdout, result.stderr].filter(Boolean).join("\n").trim();
  const why = result.timedOut
    ? `gave up after ${options.deadlineMs / 1000} s`
    : `ended with ${result.exitCode ?? result.signal}`;
  throw new Error(`scripts/${script} ${argv.join(" ")} ${why}${output === "" ? "" : `\n${output.slice(-3000)}`}`);
}
