import type { RawResult } from "./channel.js";
import { parseFiles, READ_FILE, READ_FILES, scriptInput, WRITE_FILE, writeFilesCommand } from "./file-scripts.js";
import type { ExecOptions, ExecResult, SshSession } from "./target.js";

/** Runs one command, as root. @param label What errors call it; default: `options.label`, else its program. */
export type RunCommand = (argv: readonly string[], options: ExecOptions, label?: string) => Promise<RawResult>;

const MISSING_FILE = 44;

/** Commands, scripts and files of a session, all from its one way to run a command: the same by ssh as on this machine. */
export function sessionCommands(
  run: RunCommand,
): Pick<SshSession, "exec" | "script" | "writeFile" | "writeFiles" | "readFile" | "readFiles"> {
  return {
    exec: async (argv, options = {}) => textOf(await run(argv, options)),
    script: async (text, args = [], options = {}) =>
      textOf(
        await run(["sh", "-s", "--", ...args], { ...options, stdin: scriptInput(text) }, options.label ?? "script"),
      ),
    async writeFile(path, content, mode = 0o644) {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      const argv = ["sh", "-c", WRITE_FILE, "sh", path, mode.toString(8), String(bytes.length)];
      await run(argv, { stdin: bytes }, `writing ${path}`);
    },
    async writeFiles(files, instead = []) {
      const { argv, stdin, label } = writeFilesCommand(files, instead);
      await run(argv, { stdin }, label);
    },
    async readFile(path) {
      const argv = ["sh", "-c", READ_FILE, "sh", path, String(MISSING_FILE)];
      const result = await run(argv, { okCodes: [MISSING_FILE] }, `reading ${path}`);
      return result.code === MISSING_FILE ? undefined : result.stdout;
    },
    async readFiles(paths) {
      const { stdout } = await run(["sh", "-c", READ_FILES, "sh", ...paths], {}, `reading ${paths.join(", ")}`);
      return parseFiles(stdout.toString("latin1"), paths.length);
    },
  };
}

function textOf({ code, stdout, stderr }: RawResult): ExecResult {
  return { code, stdout: stdout.toString("utf8"), stderr };
}
