/** Secrets of this process, longest first, so that a secret that contains another is replaced whole. */
const secrets = new Set<string>();

/** Remembers values that must never be shown. Values shorter than 4 characters are ignored: they would hide ordinary text. */
export function rememberSecrets(...values: (string | undefined)[]): void {
  for (const value of values) {
    if (value === undefined || value.length < 4) continue;
    secrets.add(value);
    // Keys and certificates appear line by line in tools' output.
    for (const line of value.split("\n")) if (line.length >= 24 && !line.startsWith("-----")) secrets.add(line);
  }
}

/** The text with every remembered secret, and the password in any URL, replaced by `[secret]`. */
export function redact(text: string): string {
  let clean = text.replace(/(\w+:\/\/[^\s/:@]+:)[^\s/@]+@/g, "$1[secret]@");
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) clean = clean.replaceAll(secret, "[secret]");
  return clean;
}

/** Forgets all remembered secrets (tests). */
export function forgetSecrets(): void {
  secrets.clear();
}
