import { readlinkSync } from "node:fs";
import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { startOf } from "./process-start.js";

/**
 * `flint-ssh-4711-4026531836-81516-Ab3dEf`: what for, the process that made it, where that number means this process, and when
 * it started: numbers come again soon, and threads have such, too. Names of earlier releases lack the last.
 */
const NAME = /^flint-[a-z]+-(\d+)-(\d+)(?:-(\d+))?-[A-Za-z0-9]{6}$/;

let swept: Promise<void> | undefined;

/**
 * Makes a directory of this process alone (0700) in the system's place for temporary files. Its maker removes it when the
 * work is done. A process that is killed cannot: the next one does, before it makes its first.
 * @param purpose One word: `ssh`.
 */
export async function makePrivateDirectory(purpose: string): Promise<string> {
  await removeAbandonedDirectories();
  const maker = [process.pid, processNamespace(), startOf(process.pid) ?? "0"].join("-");
  return mkdtemp(path.join(os.tmpdir(), `flint-${purpose}-${maker}-`));
}

/** Removes the private directories of processes that are no more: keys may lie in them. Once in a process; never fails. */
export function removeAbandonedDirectories(): Promise<void> {
  swept ??= sweep().catch(() => {});
  return swept;
}

async function sweep(): Promise<void> {
  for (const name of await readdir(os.tmpdir())) {
    const [, pid, namespace, start] = NAME.exec(name) ?? [];
    if (pid === undefined || namespace !== processNamespace() || isAlive(Number(pid), start)) continue;
    // One that another process removes at this moment, or still writes to, keeps the others from nothing.
    await removeOwn(path.join(os.tmpdir(), name)).catch(() => {});
  }
}

async function removeOwn(directory: string): Promise<void> {
  const { uid } = await lstat(directory);
  if (uid === process.getuid?.()) await rm(directory, { recursive: true, force: true, maxRetries: 3 });
}

/** Containers may share a place for temporary files, and number their processes each for itself. */
function processNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  } catch {
    return "0"; // no Linux, no namespaces
  }
}

/** Whether that very process lives, as far as can be told. */
function isAlive(pid: number, start: string | undefined): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
  }
  if (startOf(process.pid) === undefined) return true; // no Linux: the number is all there is
  const now = startOf(pid);
  return now !== undefined && (start === undefined || start === now);
}
