import { READ_FILE, WRITE_FILE } from "../../../drivers/ssh/file-scripts.js";
import type { Files } from "../files.js";
import type { Commands } from "./shell.js";

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
  ];
  return scripts;
}
