import { setTimeout as sleep } from "node:timers/promises";
import { READ_FILE, READ_FILES, WRITE_FILE, WRITE_FILES } from "../../../drivers/ssh/file-scripts.js";
import type { Files } from "../files.js";
import type { Commands, ShellAnswer, ShellCall } from "./shell.js";

/** Reading and writing files, as Flint's ssh does it on every machine. */
export function fileCommands<M>(filesOf: (machine: M) => Files, onWrite: (machine: M, path: string) => void) {
  const scripts: Commands<M>["scripts"] = [
    [
      READ_FILE,
      (machine, { argv: [path = "", missing] }) => {
        const stdout = filesOf(machine).read(path);
        return stdout === undefined ? { code: Number(missing) } : { stdout };
      },
    ],
    [
      WRITE_FILE,
      (machine, { argv: [path = "", mode = "644", size], stdin }) => {
        if (stdin.length !== Number(size)) return { code: 1, stderr: `received ${stdin.length} of ${size} bytes\n` };
        filesOf(machine).write(path, stdin, Number.parseInt(mode, 8));
        onWrite(machine, path);
        return {};
      },
    ],
    [
      READ_FILES,
      (machine, { argv }) => {
        const lines = argv.map((path) => filesOf(machine).read(path)?.toString("base64") ?? "-");
        return { stdout: lines.map((line) => `${line}\n`).join("") };
      },
    ],
    [WRITE_FILES, (machine, call) => writeAll(machine, call, filesOf(machine), onWrite)],
  ];
  return scripts;
}

/** A shell is slow enough to be ended between two files. */
const FILE_MS = 2;

async function writeAll<M>(
  machine: M,
  { argv, stdin, signal }: ShellCall,
  files: Files,
  onWrite: (machine: M, path: string) => void,
): Promise<ShellAnswer> {
  const [count = "0", ...words] = argv;
  for (const path of words.slice(0, Number(count))) files.remove(path);
  const named = words.slice(Number(count));
  const lines = stdin.toString("latin1").split("\n");
  for (let at = 0; at < named.length; at += 2) {
    const [path = "", mode = "644"] = named.slice(at, at + 2);
    // The last part has no end of line: nothing, or what the connection broke in.
    if (at / 2 >= lines.length - 1) return { code: 1, stderr: `received only a part of ${path}\n` };
    const content = Buffer.from(lines[at / 2] ?? "", "base64");
    if (files.read(path)?.equals(content)) continue;
    files.write(path, content, Number.parseInt(mode, 8));
    onWrite(machine, path);
    await sleep(FILE_MS);
    if (signal.aborted) return { code: 1 };
  }
  return {};
}
