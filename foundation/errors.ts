/** What a FlintError tells besides its code. */
export interface FlintErrorDetail {
  /** The machine, disk, file or setting that the error is about, as the user names it. */
  subject: string;
  /** What should have been there. */
  expected?: string;
  /** What was there instead. */
  found?: string;
  /** What the user can do about it: one or two sentences, imperative. */
  remedy: string;
  /** The error underneath, kept for logs and `instanceof` checks. */
  cause?: unknown;
}

/**
 * The only error class that Flint throws on purpose. Callers decide by `code` (stable, documented in
 * `docs/errors.md`); people read the message.
 */
export class FlintError extends Error {
  readonly code: string;
  readonly subject: string;
  readonly expected: string | undefined;
  readonly found: string | undefined;
  readonly remedy: string;

  constructor(code: string, detail: FlintErrorDetail) {
    super(messageOf(code, detail), detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = "FlintError";
    this.code = code;
    this.subject = detail.subject;
    this.expected = detail.expected;
    this.found = detail.found;
    this.remedy = detail.remedy;
  }
}

function messageOf(code: string, detail: FlintErrorDetail): string {
  const parts = [`${detail.subject}:`];
  if (detail.expected !== undefined) parts.push(`expected ${detail.expected}`);
  if (detail.found !== undefined) parts.push(`${detail.expected === undefined ? "" : "but "}found ${detail.found}`);
  const what = parts.length === 1 ? code : `${parts.join(" ").replace(/[.;]$/, "")}`;
  return `${what}. ${detail.remedy} [${code}]`;
}

/** True for a FlintError with this code, also when it came from another copy of the package. */
export function isFlintError(error: unknown, code?: string): error is FlintError {
  return (
    error instanceof Error &&
    error.name === "FlintError" &&
    "code" in error &&
    (code === undefined || error.code === code)
  );
}

/** The message of anything thrown, on one line. */
export function messageFrom(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\n\s*/g, "; ").trim();
}
