import { createHash, type Hash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";

const IGNORED = /^(\.git|node_modules|\.direnv|result(-.*)?)$/;
const MAX_FILES = 5_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** Thrown when a directory is too large to be a flake's source. */
export class TooLarge extends Error {}

/**
 * SHA-256 over the names, executable bits and contents below a directory (16 hex digits), without .git, node_modules,
 * .direnv and build results. Evaluating a flake takes seconds per node; this takes milliseconds for all of them.
 * @throws TooLarge above 5,000 files or 64 MiB: that is a data directory, not a flake.
 */
export function directoryDigest(directory: string): string {
  const hash = createHash("sha256");
  const budget = { files: 0, bytes: 0 };
  addEntry(hash, realpathSync(directory), "", budget);
  return hash.digest("hex").slice(0, 16);
}

function addEntry(hash: Hash, path: string, name: string, budget: { files: number; bytes: number }): void {
  const stat = lstatSync(path);
  if (stat.isDirectory()) {
    for (const entry of readdirSync(path).sort()) {
      if (!IGNORED.test(entry)) addEntry(hash, join(path, entry), `${name}/${entry}`, budget);
    }
    return;
  }
  if (!stat.isFile() && !stat.isSymbolicLink()) return;
  budget.files += 1;
  budget.bytes += stat.isFile() ? stat.size : 0;
  if (budget.files > MAX_FILES) throw new TooLarge(`more than ${MAX_FILES} files`);
  if (budget.bytes > MAX_BYTES) throw new TooLarge(`more than ${MAX_BYTES / 2 ** 20} MiB`);
  const kind = stat.isSymbolicLink() ? "link" : (stat.mode & 0o100) === 0 ? "file" : "executable";
  const content = stat.isSymbolicLink() ? Buffer.from(readlinkSync(path)) : readFileSync(path);
  hash.update(JSON.stringify([kind, name, content.length])).update(content);
}

/** One digest for a flake and its replaced inputs; references that are not directories count as their text. */
export function combinedDigest(parts: Record<string, string>): string {
  return createHash("sha256")
    .update(JSON.stringify(Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest("hex")
    .slice(0, 16);
}
