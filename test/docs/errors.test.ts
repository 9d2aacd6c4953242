import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../../..");

/** Codes in the sources of what is packed: the first argument of a FlintError, or the `code` that a wait is given. */
function codesInSources(): Map<string, string> {
  const codes = new Map<string, string>();
  for (const part of ["cli", "components", "providers", "drivers", "foundation", "lab/simulated"]) {
    for (const name of readdirSync(join(root, part), { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts")) continue;
      const text = readFileSync(join(root, part, name), "utf8");
      const pattern = /(?:\bFlintError\(\s*|\bcode: |\bcode \?\? )"([A-Z][A-Z_]+)"/g;
      for (const [, code = ""] of text.matchAll(pattern)) codes.set(code, `${part}/${name}`);
    }
  }
  return codes;
}

describe("docs/errors.md", () => {
  const rows = readFileSync(join(root, "docs/errors.md"), "utf8")
    .split("\n")
    .map((line) => /^\| `([A-Z_]+)` \| (.+) \| (.+) \|$/.exec(line))
    .filter((match) => match !== null);
  const documented = rows.map(([, code]) => code ?? "");
  const used = codesInSources();

  it("tells every code that Flint can end with", () => {
    assert.ok(used.size > 60, `only ${used.size} codes were found in the sources: the search is broken`);
    const missing = [...used].filter(([code]) => !documented.includes(code)).map(([code, file]) => `${code} (${file})`);
    assert.deepEqual(missing, []);
  });

  it("tells no code that is gone, and none twice", () => {
    assert.deepEqual(
      documented.filter((code) => !used.has(code)),
      [],
    );
    assert.deepEqual(documented, [...new Set(documented)]);
  });

  it("has a cause and a remedy for each, as sentences", () => {
    for (const [line, , cause, remedy] of rows) {
      assert.match(cause ?? "", /^[A-Za-z`].*\.$/, line);
      assert.match(remedy ?? "", /^[A-Z].*\.$/, line);
    }
  });
});
