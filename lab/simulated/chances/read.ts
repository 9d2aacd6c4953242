import { CATALOGUE, OWNERS } from "../catalogue/catalogue.js";

/**
 * Reads `machine.dhcpLost=0.2`, or `bmc=0.05` for all faults of a kind, as the command line has them.
 * @throws Error that names the word and what is allowed, for anything else.
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
    const known = Object.keys(CATALOGUE[owner]);
    if (fault !== undefined && !known.includes(fault))
      throw new Error(`--chances ${word}: there is no fault ${fault} of ${owner}; there are ${known.join(", ")}`);
    const likely = Number(probability);
    if (!(likely <= 1)) throw new Error(`--chances ${word}: expected a probability from 0 to 1`);
    const faults = fault === undefined ? known : [fault];
    chances[owner] = { ...chances[owner], ...Object.fromEntries(faults.map((each) => [each, likely])) };
  }
  return chances;
}
