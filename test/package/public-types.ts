import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { ROOT } from "./packed-files.js";

const manifestSchema = z.object({
  exports: z.record(z.string(), z.union([z.string(), z.object({ types: z.string() })])),
});

/** The type files, of those that are packed, that a user's program can name: what the package exports. */
function entries(packed: readonly string[]): string[] {
  const { exports } = manifestSchema.parse(JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")));
  return Object.values(exports).flatMap((entry) => {
    if (typeof entry === "string") return [];
    const [before = "", after] = path.posix.normalize(entry.types).split("*");
    const isEntry = (file: string) =>
      after === undefined ? file === before : file.startsWith(before) && file.endsWith(after);
    const found = packed.filter(isEntry);
    if (found.length === 0) throw new Error(`${entry.types} is not in the package`);
    return found;
  });
}

/** All type files that the compiler of a user's program reads: those, and what they import, packed or not. */
export function publicTypes(packed: readonly string[]): string[] {
  const reached = new Set<string>();
  const visit = (file: string) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const [, from = ""] of readFileSync(path.join(ROOT, file), "utf8").matchAll(
      /\b(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g,
    ))
      visit(path.posix.join(path.posix.dirname(file), from.replace(/\.js$/, ".d.ts")));
  };
  for (const entry of entries(packed)) visit(entry);
  return [...reached].sort();
}
