import { CATALOGUE, OWNERS } from "../catalogue/catalogue.js";

/**
 * Reads `machine.dhcpLost=0.2`, or `bmc=0.05` for all faults of a kind, as the command line has them. The schema judges the
 * names of faults and the numbers.
 * @throws Error for anything else.
 */
export function readChances(words: readonly string[]): Record<string, Record<string, number>> {
  const chances: Record<string, Record<string, number>> = {};
  for (const word of words) {
    const [, name = "", fault, probability] = /^([a-z]+)(?:\.(\w+))?=([\d.]+)$/.exec(word) ?? [];
    const owner = OWNERS.find((each) => each === name);
    if (owner === undefined)
      throw new Error(
        `--chances ${word}: expected OWNER.FAULT=PROBABILITY or OWNER=PROBABILITY, OWNER one of ${OWNERS.join(", ")}`,
      );
    const faults = fault === undefined ? Object.keys(CATALOGUE[owner]) : [fault];
    chances[owner] = { ...chances[owner], ...Object.fromEntries(faults.map((each) => [each, Number(probability)])) };
  }
  return chances;
}
