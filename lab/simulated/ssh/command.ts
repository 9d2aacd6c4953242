import { announced } from "../../../drivers/ssh/hang-up.js";

/** A command as it reached a simulated sshd. */
export interface ShellCommand {
  /** Program and arguments; for a script, the arguments of the script. */
  argv: readonly string[];
  /** Text of the shell script, where one was sent on standard input or with `sh -c`. */
  script?: string;
  /** What was sent on standard input, unless that was the script. */
  stdin: Buffer;
}

/** How `scriptInput` begins and ends. */
const SCRIPT_START = "{\n:\n";
const SCRIPT_END = "\n} </dev/null\n";

/**
 * Reads a command line and its standard input in the form that Flint's ssh sends them (drivers/ssh). A line of another form is
 * a script as a whole: @pulumi/command sends such.
 */
export function readCommand(line: string, stdin: Buffer): ShellCommand {
  const start = announced("");
  const words = line.startsWith(start) ? unquoted(line.slice(start.length)) : undefined;
  if (words === undefined) return { argv: [], script: line, stdin };
  const [program, option, ...rest] = words;
  if (program === "sh" && option === "-s") {
    const text = stdin.toString("utf8");
    const script =
      text.startsWith(SCRIPT_START) && text.endsWith(SCRIPT_END)
        ? text.slice(SCRIPT_START.length, -SCRIPT_END.length)
        : text;
    return { argv: rest[0] === "--" ? rest.slice(1) : rest, script, stdin: Buffer.alloc(0) };
  }
  // `sh -c TEXT NAME ARGUMENT…`
  if (program === "sh" && option === "-c") return { argv: rest.slice(2), script: rest[0] ?? "", stdin };
  return { argv: words, stdin };
}

/** The words of a line in which each is in single quotes (drivers/ssh/quote.ts); undefined for any other line. */
function unquoted(line: string): string[] | undefined {
  if (!/^('[^']*'(\\'')?)+( ('[^']*'(\\'')?)+)*$/.test(line.replaceAll("'\\''", ""))) return undefined;
  const words: string[] = [];
  let word = "";
  let inside = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? "";
    if (character === "'") inside = !inside;
    else if (!inside && character === "\\") word += line[++at] ?? "";
    else if (!inside && character === " ") {
      words.push(word);
      word = "";
    } else word += character;
  }
  return [...words, word];
}
