import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Makes directories that only the owner can enter. */
export function privateDirectory(...paths: string[]): void {
  for (const path of paths) mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Writes a file whole or not at all. Mode 0600 unless given. */
export function writeWhole(path: string, content: string, mode = 0o600): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, content, { mode });
  renameSync(`${path}.new`, path);
}

/** Writes what `content` makes unless the file is there. True when it was written. */
export async function ensureFile(
  path: string,
  content: () => string | Promise<string>,
  mode = 0o600,
): Promise<boolean> {
  if (existsSync(path)) return false;
  writeWhole(path, await content(), mode);
  return true;
}
