import type { Files } from "../files.js";
import type { ShellAnswer, ShellCall } from "./shell.js";

/**
 * What providers/runtime/lock/script.ts does. Its seconds are those of the real clock, as its
 * holders'; the clock of the one that keeps it has no part in it.
 */
export function lock(
  files: Files,
  { argv }: ShellCall,
  tell: (event: "lock", details: { what: string }) => void,
): ShellAnswer {
  const [path = "", action, token = "", seconds, line, over] = argv;
  const now = Math.floor(Date.now() / 1000);
  const [holder = "", expires = "0", who = ""] = files.text(path)?.split("\n") ?? [];
  if (holder !== token && holder !== over && Number(expires) > now) {
    return { stdout: `held ${holder} ${Number(expires) - now}\n${who}\n` };
  }
  const guard = `${path}.guard`;
  const [last = "", worked = ""] = files.text(guard)?.split("\n") ?? [];
  if (action === "keep" && last !== "" && last !== token) return { stdout: `held ${last} 0\n${worked}\n` };
  if (action !== "free") files.write(guard, `${token}\n${line}\n`);
  if (action !== "free") files.write(path, `${token}\n${now + Number(seconds)}\n${line}\n`);
  else if (holder === token) files.remove(path);
  if ((action === "free") === (holder === token)) tell("lock", { what: action === "free" ? "given back" : "taken" });
  return { stdout: "yours\n" };
}
