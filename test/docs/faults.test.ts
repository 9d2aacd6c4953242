import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Owner } from "../../lab/simulated/catalogue/catalogue.js";
import type { Change } from "../../lab/simulated/moments.js";
import { nameOf, pairsOf } from "../e2e/faults/matrix/pairs.js";

/** Heading → its tables one after the other: each change of which faults of these owners it tells. */
const TABLES: Record<string, [owners: Owner[], change: Change][]> = {
  "An installation": [[["machine", "bmc"], "install"]],
  "A change of a running system": [[["machine", "bmc"], "update"]],
  "A machine that is taken out, and wiped": [[["machine", "bmc"], "removal"]],
  "What all machines share": [
    [["host", "nix"], "install"],
    [["host", "nix"], "update"],
    [["host", "nix"], "removal"],
  ],
};

/** `machine.slow=3@before` for each cell that says what becomes of it. */
function filled(table: string): string[] {
  const [head = [], , ...rows] = table
    .trim()
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()));
  return rows.flatMap((cells) =>
    cells.slice(2).flatMap((cell, at) => (cell === "" ? [] : [`${cells[1]?.replaceAll("`", "")}@${head[at + 2]}`])),
  );
}

describe("docs/faults.md", () => {
  const page = readFileSync(resolve(__dirname, "../../../docs/faults.md"), "utf8");

  for (const [heading, expected] of Object.entries(TABLES)) {
    it(`tells under "${heading}" what becomes of each fault of the catalogue from each of its moments on, and of no other`, () => {
      const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
      const tables = (section.match(/(^\|.*\n)+/gm) ?? []).filter((table) => table.startsWith("| fault |"));
      assert.equal(tables.length, expected.length);
      for (const [at, [owners, change]] of expected.entries()) {
        const names = pairsOf(change, owners, "").map((pair) => `${nameOf(pair)}@${pair.moment}`);
        assert.deepEqual(filled(tables[at] ?? "").sort(), names.sort());
      }
    });
  }
});
