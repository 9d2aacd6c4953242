/** What a system says of itself in os-release(5). */
export interface OsRelease {
  /** `debian`, `fedora`; "linux" where the file says nothing, which is the manual's default. */
  id: string;
  /** What it is derived from, nearest first. */
  like: string[];
  /** For people: `Debian GNU/Linux 12 (bookworm)`. */
  name: string;
}

/**
 * Reads os-release(5): assignments as a shell reads them, without any expansion. Lines that are none are ignored. A value may hold
 * U+2028 and U+2029, which end no line of a shell's.
 */
export function parseOsRelease(text: string): OsRelease {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, key, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(line.trim()) ?? [];
    if (key !== undefined && value !== undefined) values.set(key, unquoted(value));
  }
  const id = values.get("ID") || "linux";
  return {
    id,
    like: (values.get("ID_LIKE") ?? "").split(/\s+/).filter((word) => word !== ""),
    name: values.get("PRETTY_NAME") || values.get("NAME") || id,
  };
}

/** One shell word: in double quotes, in single quotes or bare. */
function unquoted(word: string): string {
  const [, single] = /^'([^']*)'$/.exec(word) ?? [];
  if (single !== undefined) return single;
  const [, double] = /^"((?:[^"\\]|\\.)*)"$/s.exec(word) ?? [];
  // In double quotes a backslash stays before everything that needs none.
  if (double !== undefined) return double.replace(/\\(["\\$`])/g, "$1");
  return word.replace(/\\(.)/gs, "$1");
}
