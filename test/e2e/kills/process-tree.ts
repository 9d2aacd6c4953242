import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const MARK = "FLINT_KILLED_RUN";

/** The environment by which everything that a run starts is known again, whatever group or parent it has. */
export const marked = (run: string): Record<string, string> => ({ [MARK]: run });

/** Numbers and command lines of the processes that a run has started and that live. */
export function processesOf(run: string): { pid: number; command: string }[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const variables = readFileSync(`/proc/${entry}/environ`, "latin1").split("\0");
      if (!variables.includes(`${MARK}=${run}`)) return [];
      const command = readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return command === "" ? [] : [{ pid: Number(entry), command }]; // a zombie has none
    } catch {
      return []; // gone meanwhile
    }
  });
}

/** SIGKILL for all of them at once, until none is left: what is being started at that moment dies, too. */
export async function killTree(run: string): Promise<void> {
  for (;;) {
    const living = processesOf(run);
    if (living.length === 0) return;
    for (const { pid } of living) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // it ended by itself
      }
    }
    await sleep(10);
  }
}
