import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readFaults } from "../../../lab/simulated/words.js";

/** What the command says of its words, before it makes anything. */
function refused(...words: string[]): string {
  const command = resolve(__dirname, "../../../lab/simulated/cli.js");
  const { status, stderr } = spawnSync(process.execPath, [command, ...words, "--", "true"], { encoding: "utf8" });
  assert.equal(status, 1);
  return stderr;
}

describe("the words of flint-simulate", () => {
  it("are refused with what is allowed instead", () => {
    assert.deepEqual(
      [
        ["--machines", "many"],
        ["--machines", "2.5"],
        ["--speed", "0"],
        ["--repaired-after", "soon"],
      ].map((words) => refused(...words)),
      [
        "error: option '--machines <count>' argument 'many' is invalid. Allowed is a whole number, 1–1000.\n",
        "error: option '--machines <count>' argument '2.5' is invalid. Allowed is a whole number, 1–1000.\n",
        "error: option '--speed <factor>' argument '0' is invalid. Allowed is a number above 0, as 20 or 0.5.\n",
        "error: option '--repaired-after <seconds>' argument 'soon' is invalid. Allowed is simulated seconds, a number above 0.\n",
      ],
    );
  });

  describe("name a file of faults", () => {
    const directory = mkdtempSync(join(tmpdir(), "flint-fault-file-"));
    const file = join(directory, "faults.json");
    after(() => rmSync(directory, { recursive: true }));
    const reading = (content: string) => () => {
      writeFileSync(file, content);
      return readFaults(file, ["node01", "node02"]);
    };

    it("with one order, or a list of them", () => {
      const order = { host: { diskFull: true } };
      assert.equal(reading(JSON.stringify(order))().length, 1);
      assert.equal(reading(JSON.stringify([order, order]))().length, 2);
    });

    it("or are told the file, the place in it and what is wrong there", () => {
      assert.throws(reading('{ "machines": { "node01": { "machin": {} } } }'), {
        message: `--faults ${file}: machines.node01: Unrecognized key: "machin"`,
      });
      assert.throws(reading('[{}, { "nix": { "buildFails": "twice" } }]'), /: 1\.nix\.buildFails: Invalid input/);
      const strangers = [
        {
          machines: {
            node01: { machine: { diskSwappedWith: "next" } },
            node02: { machine: { diskSwappedWith: "node03" } },
          },
        },
        { machines: { node04: {} }, host: { gone: true }, at: { machine: "node05", moment: "dhcp" } },
      ];
      assert.throws(reading(JSON.stringify(strangers[0])), {
        message: `--faults ${file}: machines.node02.machine.diskSwappedWith: there is no machine node03; there are node01 to node02`,
      });
      assert.throws(reading(JSON.stringify(strangers[1])), {
        message: `--faults ${file}: machines: there is no machine node04; at.machine: there is no machine node05; there are node01 to node02`,
      });
      assert.throws(
        reading('{ "machines": { "node01": { "machine": { "services": { "crashLoop": ["chainfired"] } } } } }'),
        /services\.crashLoop\.0: Invalid option: expected one of "chainfire"\|"flaredb"\|"iam"\|"plasmavmc"$/,
      );
      assert.throws(reading("{"), new RegExp(`^Error: --faults ${file}: .* JSON`));
      assert.throws(
        () => readFaults(join(directory, "none.json"), ["node01"]),
        /^Error: --faults .*none\.json: ENOENT: no such file/,
      );
    });
  });
});
