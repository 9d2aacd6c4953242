import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { CHECKOUT, evaluate, LIBS } from "../nix-evaluation.js";

const verdicts = z.record(z.string(), z.object({ described: z.boolean(), example: z.boolean(), wrong: z.boolean() }));

describe("The modules' options", function () {
  this.timeout("120 s");
  for (const lib of LIBS)
    it(`are each described, take their example, and refuse a value of another type (${lib.title})`, async () => {
      const each = verdicts.parse(
        await evaluate(
          `import ${CHECKOUT}/nix/tests/every-option.nix { lib = ${lib.expression}; standIn = ${CHECKOUT}/nix/tests/nixos-options.nix; }`,
        ),
      );
      const good = { described: true, example: true, wrong: true };
      assert.deepEqual(each, Object.fromEntries(Object.keys(each).map((path) => [path, good])));
      assert.ok(Object.keys(each).length > 80, "some options were not found");
      assert.ok("flint.node.networks.<name>.bond.members" in each, "options inside sets were not found");
    });

  it("are all in docs/nix-options.md, as they are now", async () => {
    const { stdout } = await promisify(execFile)(join(CHECKOUT, "scripts/nix-options"), ["-"]);
    const kept = readFileSync(join(CHECKOUT, "docs/nix-options.md"), "utf8");
    assert.equal(kept, stdout, "run scripts/nix-options and commit docs/nix-options.md");
    assert.match(kept, /^### `services\.chainfire\.package`$/m);
  });
});
