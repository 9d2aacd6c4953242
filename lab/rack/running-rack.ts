import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { FlintError } from "../../foundation/errors.js";
import { type Layout, rackCommand } from "./layout.js";
import { writeWhole } from "./private-files.js";
import type { Rack } from "./schema.js";

/** Only the names are checked again: the file is our own, written from a checked rack. */
const written = z.custom<Rack>(
  (value) => z.object({ name: z.string(), machines: z.array(z.object({ name: z.string() })) }).safeParse(value).success,
);

/** The rack as it was described when it came up; the file it came from may have changed since. */
export function readRunningRack(layout: Layout): Rack {
  if (!existsSync(layout.rackFile)) {
    throw new FlintError("RACK_NOT_UP", {
      subject: `rack ${layout.rack}`,
      expected: "a rack that was brought up",
      found: "none",
      remedy: `Bring it up with ${rackCommand(layout, "up")}.`,
    });
  }
  return written.parse(JSON.parse(readFileSync(layout.rackFile, "utf8")));
}

export function writeRunningRack(layout: Layout, rack: Rack): boolean {
  const text = `${JSON.stringify(rack, undefined, 2)}\n`;
  if (existsSync(layout.rackFile) && readFileSync(layout.rackFile, "utf8") === text) return false;
  writeWhole(layout.rackFile, text);
  return true;
}
