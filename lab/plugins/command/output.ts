import type { Logging } from "./inputs.js";

/** Inputs of both kinds whose change runs `update`, or `create` where there is none. */
export const commandUpdateOn = [
  "create",
  "update",
  "delete",
  "stdin",
  "environment",
  "addPreviousOutputInEnv",
  "logging",
];

/** What an earlier run left, handed to the next one. */
export interface Previous {
  stdout?: unknown;
  stderr?: unknown;
}

/** PULUMI_COMMAND_STDOUT and _STDERR of the earlier run, unless switched off. */
export function previousOutput(previous: Previous, wanted: boolean | undefined): Record<string, string> {
  if (wanted === false) return {};
  const { stdout, stderr } = previous;
  return {
    ...(typeof stdout === "string" && stdout !== "" ? { PULUMI_COMMAND_STDOUT: stdout } : {}),
    ...(typeof stderr === "string" && stderr !== "" ? { PULUMI_COMMAND_STDERR: stderr } : {}),
  };
}

/** Gathers a command's output, and shows it line by line as it comes. */
export class Output {
  readonly #chunks: { stream: "stdout" | "stderr"; bytes: Buffer }[] = [];
  readonly #rest = { stdout: "", stderr: "" };

  constructor(
    readonly show: Logging,
    readonly say: (text: string) => void,
  ) {}

  add(stream: "stdout" | "stderr", bytes: Buffer): void {
    this.#chunks.push({ stream, bytes });
    if (this.show !== undefined && this.show !== "stdoutAndStderr" && this.show !== stream) return;
    const lines = (this.#rest[stream] + bytes.toString("utf8")).split("\n");
    this.#rest[stream] = lines.pop() ?? "";
    for (const line of lines) this.say(line);
  }

  /** Without the last newline, as the vendor's plugin stores it. */
  text(stream: "stdout" | "stderr"): string {
    const bytes = this.#chunks.filter((chunk) => chunk.stream === stream).map((chunk) => chunk.bytes);
    return Buffer.concat(bytes).toString("utf8").replace(/\n$/, "");
  }

  /** Both streams in the order they came, for the message of a failure. */
  all(): string {
    return Buffer.concat(this.#chunks.map((chunk) => chunk.bytes)).toString("utf8");
  }
}
