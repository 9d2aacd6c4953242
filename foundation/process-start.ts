import { readFileSync } from "node:fs";

/**
 * When a process started, in clock ticks since the machine did (proc(5), /proc/pid/stat, starttime): with its number, it tells one
 * process from all others. Undefined when there is no such process, only what is left of one that nobody has asked for yet, or
 * no Linux.
 */
export function startOf(pid: number): string | undefined {
  const fields = statOf(pid).split(") ").at(-1)?.split(" ") ?? [];
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").trim();
  } catch {
    return "";
  }
}
