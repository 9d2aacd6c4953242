import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** Regular files below a directory that can be read at this moment. */
export function filesBelow(directory: string): { path: string; text: string }[] {
  return names(directory).flatMap((name) => {
    const path = join(directory, name);
    try {
      return statSync(path).isFile() ? [{ path, text: readFileSync(path, "latin1") }] : [];
    } catch {
      return []; // gone meanwhile
    }
  });
}

/** Nobody else can read it: it is 0600 or less, or in a directory below `top` that is closed to others. */
export function isPrivate(path: string, top: string): boolean {
  for (let at = path; at !== top && at !== "/"; at = dirname(at)) {
    try {
      if ((statSync(at).mode & 0o077) === 0) return true;
    } catch {
      return true; // gone meanwhile
    }
  }
  return false;
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: "utf8" });
  } catch {
    return []; // changed while it was read
  }
}
