/** `e2e`: those that bring up whole racks and run one at a time; `long`: the same, but of their own accord only, not in CI. */
export type Kind = "test" | "e2e" | "long";

/** What is to be run. */
export interface Arguments {
  kind: Kind;
  /** Parts of the paths of the files; all if there are none. */
  parts: string[];
  /** A file that failed runs once more, and is told as flaky if it passes then. */
  retry: boolean;
}

/** Arguments that name nothing that could be run; the message says what is allowed. */
export class WrongArguments extends Error {}

const OPTIONS = ["--e2e", "--long", "--retry"] as const;

/** @throws WrongArguments for an option that is none. */
export function readArguments(words: readonly string[]): Arguments {
  const [options, parts] = [
    words.filter((word) => word.startsWith("-")),
    words.filter((word) => !word.startsWith("-")),
  ];
  const unknown = options.filter((option) => !OPTIONS.some((known) => known === option));
  if (unknown.length > 0) {
    throw new WrongArguments(`unknown option ${unknown.join(", ")}. Options are ${OPTIONS.join(", ")}.`);
  }
  const kind = options.includes("--long") ? "long" : options.includes("--e2e") ? "e2e" : "test";
  return { kind, parts, retry: options.includes("--retry") };
}
