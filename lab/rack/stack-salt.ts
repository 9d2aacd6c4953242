import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT, type Layout } from "./layout.js";
import { writeWhole } from "./private-files.js";

/**
 * Creating the rack's stack makes Pulumi write `encryptionsalt:` into the stack file. It belongs to the passphrase,
 * which goes with the rack, so the line goes too; `scripts/pulumi` notes it in `stack-salt`. A line that differs is the
 * user's own and stays.
 * @returns the stack file's name when the line was removed (and the file with it when nothing else was in it).
 */
export function removeStackSalt(layout: Layout): string | undefined {
  const note = join(layout.dir, "stack-salt");
  const name = `Pulumi.${layout.rack}.yaml`;
  const file = join(CHECKOUT, name);
  if (!existsSync(note) || !existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8");
  const without = withoutSalt(text, readFileSync(note, "utf8"));
  if (without === text) return undefined;
  if (without.trim() === "") rmSync(file);
  else writeWhole(file, without, 0o644);
  return name;
}

/** The text without that one line. */
export function withoutSalt(text: string, saltLine: string): string {
  const line = saltLine.trim();
  if (line === "") return text;
  return text
    .split("\n")
    .filter((one) => one.trim() !== line)
    .join("\n");
}
