import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process that this rack started. */
export interface OwnedProcess {
  pid: number;
  /** "daemon", "host", "container", "machine <name>", or "ipmi <name>". */
  role: string;
}

const MARK = "FLINT_RACK_PROCESS";

/**
 * The environment variable by which a rack knows its own processes again, also after a crash and without pid files,
 * whose numbers may belong to somebody else by then.
 */
export function ownedBy(dir: string, role: string): Record<string, string> {
  return { [MARK]: `${dir}:${role}` };
}

export function ownedProcesses(dir: string): OwnedProcess[] {
  return numbers().flatMap((pid) => {
    const role = roleOf(pid, dir);
    return role === undefined ? [] : [{ pid, role }];
  });
}

/** The role of a running process of this rack; undefined when it is gone or somebody else's. */
export function roleOf(pid: number, dir: string): string | undefined {
  const start = `${MARK}=${dir}:`;
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
    const role = variables.find((variable) => variable.startsWith(start))?.slice(start.length);
    return role === "container" && !isFirst(pid) ? undefined : role;
  } catch {
    return undefined; // gone meanwhile, or not ours to look at
  }
}

/**
 * What the container's systemd starts has systemd's environment until it becomes another program, and goes at any moment. A
 * container is its first process: that takes all others with it.
 */
function isFirst(pid: number): boolean {
  return /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
}

function numbers(): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

function signalTo(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone between looking and signalling
  }
}

/** Ends processes: SIGTERM, and SIGKILL for those that are still there after `graceMs`. Resolves when all are gone. */
export async function endProcesses(dir: string, pids: readonly number[], graceMs: number): Promise<void> {
  const alive = () => pids.filter((pid) => roleOf(pid, dir) !== undefined);
  const signal = (name: "SIGTERM" | "SIGKILL") => {
    for (const pid of alive()) signalTo(pid, name);
  };
  signal("SIGTERM");
  await goneWithin(alive, graceMs);
  signal("SIGKILL");
  await goneWithin(alive, 5000);
}

/** SIGKILL for those that are still there. */
export function killProcesses(dir: string, pids: readonly number[]): void {
  for (const pid of pids) if (roleOf(pid, dir) !== undefined) signalTo(pid, "SIGKILL");
}

async function goneWithin(alive: () => readonly number[], ms: number): Promise<void> {
  const started = performance.now();
  while (alive().length > 0 && performance.now() - started < ms) await sleep(50);
}
