import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * The directory that relative paths of a configuration start at: the one with Pulumi.yaml, seen from where the program
 * runs (with `main: dist/` that is below it).
 */
export function projectDirectory(from = process.cwd()): string {
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    if (existsSync(join(directory, "Pulumi.yaml")) || existsSync(join(directory, "Pulumi.yml"))) return directory;
    if (dirname(directory) === directory) return resolve(from);
  }
}
