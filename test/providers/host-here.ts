import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { SshSession } from "../../drivers/ssh/target.js";

const notUsed = () => Promise.reject(new Error("not used here"));

/** A host that is this machine: the same scripts in a real shell, without ssh. @param onWrite Told before a file is written. */
export function hostHere(onWrite: (path: string) => void = () => {}): SshSession {
  return {
    target: { name: "provisioning host", host: "127.0.0.1", privateKey: "", hostKeys: [] },
    script: (text, args = [], options = {}) =>
      new Promise((ok, no) => {
        const child = execFile("sh", ["-s", "--", ...args], (error, stdout, stderr) => {
          const code = error === null ? 0 : Number(error.code);
          if (code === 0 || options.okCodes?.includes(code)) ok({ code, stdout, stderr });
          else no(new Error(stderr));
        });
        child.stdin?.end(text);
      }),
    async writeFile(path, content) {
      onWrite(path);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    },
    writeFiles: notUsed,
    readFiles: notUsed,
    exec: notUsed,
    readFile: notUsed,
    follow: notUsed,
    close: () => {},
  };
}
