import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CATALOGUE, OWNERS, type Owner } from "../../../lab/simulated/catalogue/catalogue.js";
import { ALWAYS, type Entry, FOR_EVER } from "../../../lab/simulated/catalogue/entry.js";

const LAB = resolve(__dirname, "../../../../lab");

/** Where the schema of each owner's faults is, which says what each does. */
const SOURCES: Record<Owner, string> = {
  machine: "simulated/machine/faults.ts",
  bmc: "redfish/faults.ts",
  host: "simulated/host/faults.ts",
  nix: "simulated/tools/faults.ts",
};

const shown = (value: unknown) =>
  `\`${JSON.stringify(value)}\`${value === ALWAYS || value === FOR_EVER ? " (always)" : ""}`;

/** The rows that the page must have: name, values to try, and the comment of the schema. */
function rowsOf(owner: Owner): Map<string, string> {
  const entries: Readonly<Record<string, Entry<unknown>>> = CATALOGUE[owner];
  const source = readFileSync(resolve(LAB, SOURCES[owner]), "utf8");
  const commented = source.matchAll(/^ {2}\/\*\*(.*?)\*\/\n {2}(\w+): z(?:\.|$)/gms);
  return new Map(
    Array.from(commented, ([, comment = "", name = ""]) => {
      const values = (entries[name]?.values ?? []).map(shown).join(", ");
      return [name, `| \`${name}\` | ${values} | ${comment.replaceAll(/\s*\n\s*\*\s*/g, " ").trim()} |`];
    }),
  );
}

describe("lab/simulated/faults.md", () => {
  const sections = readFileSync(resolve(LAB, "simulated/faults.md"), "utf8").split("\n## ");
  for (const owner of OWNERS)
    it(`tells of each fault of kind ${owner} what its schema says, and the values to try`, () => {
      const rows = rowsOf(owner);
      assert.deepEqual([...rows.keys()].sort(), Object.keys(CATALOGUE[owner]).sort());
      const section = sections.find((text) => text.split("\n", 1)[0]?.endsWith(`\`${owner}\``));
      assert.deepEqual(section?.match(/^\| `.*$/gm), [...rows.values()]);
    });
});
