import { existsSync, globSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

const lockSchema = z.object({ pid: z.number().int() });

/**
 * Takes away the locks of runs that were killed and could not give them back: a rack's state is this machine's alone, so that a
 * process which is no `pulumi` any more says it. @param state Directory of the state.
 * @returns How many there were.
 */
export function removeAbandonedLocks(state: string): number {
  const locks = globSync(path.join(state, ".pulumi/locks/**/*.json")).filter(isAbandoned);
  for (const lock of locks) rmSync(lock, { force: true });
  return locks.length;
}

function isAbandoned(file: string): boolean {
  const { pid } = lockSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  const name = `/proc/${pid}/comm`;
  return !existsSync(name) || readFileSync(name, "utf8").trim() !== "pulumi";
}
