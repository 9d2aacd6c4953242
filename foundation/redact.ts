const SHORTEST = 4;

/** Secrets of this process, by their beginnings: a cluster of hundreds of machines has thousands of lines of keys. */
const secrets = new Map<string, Set<string>>();

function add(secret: string): void {
  const beginning = secret.slice(0, SHORTEST);
  const alike = secrets.get(beginning) ?? new Set();
  secrets.set(beginning, alike.add(secret));
}

/** Remembers values that must never be shown. Values shorter than 4 characters are ignored: they would hide ordinary text. */
export function rememberSecrets(...values: (string | undefined)[]): void {
  for (const value of values) {
    if (value === undefined || value.length < SHORTEST) continue;
    add(value);
    // Keys and certificates appear line by line in tools' output.
    for (const line of value.split("\n")) if (line.length >= 24 && !line.startsWith("-----")) add(line);
  }
}

/** The text with every remembered secret, and the password in any URL, replaced by `[secret]`. */
export function redact(text: string): string {
  const clean = text.replace(/(\w+:\/\/[^\s/:@]+:)[^\s/@]+@/g, "$1[secret]@");
  let shown = "";
  let from = 0;
  for (const [start, end] of secretParts(clean)) {
    shown += `${clean.slice(from, start)}[secret]`;
    from = end;
  }
  return shown + clean.slice(from);
}

/** Where secrets are in a text, in order; those that overlap are one part. */
function secretParts(text: string): [start: number, end: number][] {
  const parts: [start: number, end: number][] = [];
  for (let at = 0; at + SHORTEST <= text.length; at++) {
    const alike = secrets.get(text.slice(at, at + SHORTEST));
    if (alike === undefined) continue;
    const found = [...alike].filter((secret) => text.startsWith(secret, at));
    if (found.length === 0) continue;
    const end = at + Math.max(...found.map(({ length }) => length));
    const last = parts.at(-1);
    if (last !== undefined && at < last[1]) last[1] = Math.max(last[1], end);
    else parts.push([at, end]);
  }
  return parts;
}

/** Forgets all remembered secrets (tests). */
export function forgetSecrets(): void {
  secrets.clear();
}
