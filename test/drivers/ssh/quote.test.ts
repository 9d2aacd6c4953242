import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { commandLine, quote } from "../../../drivers/ssh/quote.js";

/** What a real shell makes of command lines: the arguments that printf receives of each. One shell reads them all: starting it is what takes time. */
function argumentsSeenBy(shell: string, lines: string[][]): string[][] {
  const script = lines.map((argv) => `printf '%s\\0' ${commandLine(argv)}`).join("\n");
  const { status, stdout } = spawnSync(shell, ["-c", script], { encoding: "buffer" });
  assert.equal(status, 0);
  const seen = stdout.toString("utf8").split("\0").slice(0, -1);
  return lines.map((argv) => seen.splice(0, argv.length)).concat(seen.length > 0 ? [seen] : []);
}

const hostile = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }).filter((text) => !text.includes("\0")),
  fc.string({ unit: fc.constantFrom(..."'\"\\$`\n\t !#~*?[]{}()<>|&;=-ab"), maxLength: 30 }),
  fc.constantFrom("", "'", "''", "-n", "$(id)", "`id`", "a\nb\n", "if", "A=b", "~", "!!", "é😀", "\\'"),
);

describe("quote", () => {
  for (const shell of ["sh", "bash"])
    it(`hands every argument to a real ${shell} unchanged`, () => {
      const argv = fc.array(hostile, { minLength: 1, maxLength: 8 });
      fc.assert(
        fc.property(fc.array(argv, { minLength: 20, maxLength: 20 }), (lines) => {
          assert.deepEqual(argumentsSeenBy(shell, lines), lines);
        }),
        { numRuns: 10 },
      );
    });

  it("keeps a keyword or an assignment from meaning anything in front", () => {
    const { status, stderr } = spawnSync("sh", ["-c", commandLine(["A=b", "if"])], { encoding: "utf8" });
    assert.equal(status, 127);
    assert.match(stderr, /A=b: not found/);
  });

  it("refuses NUL", () => {
    assert.throws(() => quote("a\0b"), {
      code: "SSH_ARGUMENT",
      message:
        'argument "a\\u0000b": expected text without NUL characters but found a NUL character. ' +
        "Pass binary data on standard input instead. [SSH_ARGUMENT]",
    });
  });
});
