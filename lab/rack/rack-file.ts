import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { FlintError } from "../../foundation/errors.js";
import { completeRack, misnamed, type Rack, rackSchema } from "./schema.js";

/**
 * Reads and checks a rack file.
 * @throws FlintError RACK_FILE with every problem and its path.
 */
export function readRackFile(path: string): Rack {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new FlintError("RACK_FILE", {
      subject: path,
      expected: "a rack file",
      found: "none that can be read",
      remedy: "Name a rack of lab/racks/ with --rack, or a file of your own with --file.",
      cause,
    });
  }
  return parseRack(text, path);
}

/** Like `readRackFile`, for text that was read already; `path` is for the message. */
export function parseRack(text: string, path: string): Rack {
  const document = parseDocument(text);
  const [syntax] = document.errors;
  if (syntax !== undefined) throw invalid(path, [syntax.message.split("\n")[0] ?? "not YAML"]);
  const content: unknown = document.toJS();
  const parsed = rackSchema.safeParse(content);
  const names = misnamed((content as { machines?: unknown } | null)?.machines);
  const problems = [...names, ...(parsed.error?.issues ?? [])].flatMap(describe);
  if (!parsed.success || names.length > 0) throw invalid(path, problems);
  return completeRack(parsed.data);
}

function describe({ path, message, keys }: { path: PropertyKey[]; message: string; keys?: string[] }): string[] {
  const at = (...more: PropertyKey[]) => [...path, ...more].map(String).join(".") || "the file";
  if (keys !== undefined) return keys.map((key) => `${at(key)}: there is no such field`);
  return [`${at()}: ${message.endsWith("received undefined") ? "missing" : message}`];
}

function invalid(path: string, problems: string[]): FlintError {
  return new FlintError("RACK_FILE", {
    subject: path,
    found: `${problems.length} ${problems.length === 1 ? "problem" : "problems"}`,
    remedy: ["Every field is described in lab/README.md:", ...problems].join("\n  "),
  });
}
