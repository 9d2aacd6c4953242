import type { ShellCommand } from "./command.js";

/** What a command says and how it ends. */
export interface ShellAnswer {
  code?: number;
  stdout?: string | Buffer;
  stderr?: string;
}

/** A command that is being run. */
export interface ShellCall extends ShellCommand {
  /** Ends the command: its process group was sent a signal, or the connection ended. */
  signal: AbortSignal;
  /** Says something before the end. */
  print(text: string): void;
}

/** Does what a command does on the machine that it reached. */
export type Handler<M> = (machine: M, call: ShellCall) => ShellAnswer | undefined | Promise<ShellAnswer | undefined>;

/** What a simulated system understands: texts of scripts, and programs. */
export interface Commands<M> {
  /** A script is recognised by its text, or by its end where lines with settings come before it. */
  scripts: readonly (readonly [text: string, handler: Handler<M>])[];
  programs: Readonly<Record<string, Handler<M>>>;
}

/** Not understood: it ends as in a shell that does not find the program, and the rack takes note. */
export const NOT_FOUND = 127;

/** Runs a command on a machine. */
export async function runCommand<M>(commands: Commands<M>, machine: M, call: ShellCall): Promise<ShellAnswer> {
  const { script, argv } = call;
  const handler =
    script === undefined
      ? commands.programs[argv[0] ?? ""]
      : commands.scripts.find(([text]) => script === text || script.endsWith(`\n${text}`))?.[1];
  if (handler === undefined) {
    const what = script === undefined ? argv.join(" ") : script.slice(0, 200);
    return { code: NOT_FOUND, stderr: `the simulated system does not know this command: ${what}\n` };
  }
  return (await handler(machine, call)) ?? {};
}
