import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { BOOT_CAUSES, START_CAUSES } from "../../providers/bare-metal-node/wire/causes.js";

const root = resolve(__dirname, "../../..");

describe("docs/boot-doctor.md", () => {
  const rows = readFileSync(join(root, "docs/boot-doctor.md"), "utf8")
    .split("\n")
    .map((line) => /^\| `([a-z-]+)` \| (.+) \| (.+) \|$/.exec(line))
    .filter((match) => match !== null);

  it("tells every cause, in the order of a boot, and no other", () =>
    assert.deepEqual(
      rows.map(([, cause]) => cause),
      [...BOOT_CAUSES, ...START_CAUSES],
    ));

  it("says what was seen and what to do, as sentences", () => {
    for (const [line, , seen, remedy] of rows) {
      assert.match(seen ?? "", /^[A-Z].*\.$/, line);
      assert.match(remedy ?? "", /^[A-Z`].*\.$/, line);
    }
  });
});
