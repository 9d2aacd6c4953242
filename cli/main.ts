#!/usr/bin/env node
import { parseArgs } from "node:util";
import { isFlintError, messageFrom } from "../foundation/errors.js";
import { redact } from "../foundation/redact.js";
import { requireSupportedNode } from "../foundation/supported-node.js";

const USAGE = `Usage: flint doctor <node> [--stack NAME] [--cwd DIR] [--json]

Looks at one machine of a stack (its BMC, its address, what the boot servers
logged of it) and says why it does not come up, and what to do. It changes
nothing. Run it where \`pulumi stack\` works. Where clusters of one stack have
machines of the same name, say which: east/node01.

  --stack NAME   a stack other than the selected one
  --cwd DIR      the project's directory
  --json         all that was seen, for a program

Exit code: 0 the machine is fine, 1 a cause is named, 2 it could not be asked.
`;

/** Codes that a script may rely on. */
const EXIT = { fine: 0, cause: 1, misuse: 2 } as const;
const WIDTH = 80;

async function main(words: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      stack: { type: "string" },
      cwd: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command, node, ...more] = positionals;
  if (values.help) {
    process.stdout.write(USAGE);
    return EXIT.fine;
  }
  if (command !== "doctor" || node === undefined || more.length > 0) {
    process.stderr.write(USAGE);
    return EXIT.misuse;
  }
  requireSupportedNode();
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort(new Error("interrupted")));
  const { doctor } = await import("./doctor.js");
  const { text, fine } = await doctor(
    { node, stack: values.stack, directory: values.cwd, json: values.json, terminal: terminal() },
    stop.signal,
  );
  process.stdout.write(redact(text));
  return fine ? EXIT.fine : EXIT.cause;
}

/** Bold only where somebody looks, and did not ask for none (no-color.org). */
function terminal() {
  const { isTTY } = process.stdout;
  const marks = isTTY === true && (process.env.NO_COLOR ?? "") === "" && process.env.TERM !== "dumb";
  return { width: WIDTH, bold: (text: string) => (marks ? `\u001b[1m${text}\u001b[0m` : text) };
}

// "flint doctor node01 | head -1" is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : EXIT.misuse));

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const usage = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
    const text = isFlintError(error) ? error.message : messageFrom(error);
    process.stderr.write(`${redact(text)}\n${usage ? `\n${USAGE}` : ""}`);
    process.exitCode = EXIT.misuse;
  },
);
