import assert from "node:assert/strict";
import fc from "fast-check";
import { READ_FILE, scriptInput } from "../../../../drivers/ssh/file-scripts.js";
import { announced } from "../../../../drivers/ssh/hang-up.js";
import { commandLine } from "../../../../drivers/ssh/quote.js";
import { readCommand } from "../../../../lab/simulated/ssh/command.js";

const NOTHING = Buffer.alloc(0);
const word = fc.string().filter((text) => !text.includes("\0"));

describe("A simulated sshd reads commands as Flint's ssh sends them", () => {
  it("any arguments, whatever is in them", () =>
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (argv) => {
        fc.pre(argv[0] !== "sh");
        const read = readCommand(announced(commandLine(argv)), NOTHING);
        assert.deepEqual(read, { argv, stdin: NOTHING });
      }),
    ));

  it("any script on standard input, with its arguments", () =>
    fc.assert(
      fc.property(fc.string(), fc.array(word), (text, args) => {
        const line = announced(commandLine(["sh", "-s", "--", ...args]));
        const read = readCommand(line, Buffer.from(scriptInput(text)));
        assert.deepEqual(read, { argv: args, script: Buffer.from(text).toString(), stdin: NOTHING });
      }),
    ));

  it("a script in the command line: its name is no argument", () => {
    const content = Buffer.from("content");
    const line = announced(commandLine(["sh", "-c", READ_FILE, "sh", "/etc/hostname", "44"]));
    assert.deepEqual(readCommand(line, content), { argv: ["/etc/hostname", "44"], script: READ_FILE, stdin: content });
  });

  it("a line of another form as a script: @pulumi/command's", () => {
    assert.deepEqual(readCommand("set -eu\necho 'ready'", NOTHING), {
      argv: [],
      script: "set -eu\necho 'ready'",
      stdin: NOTHING,
    });
  });
});
