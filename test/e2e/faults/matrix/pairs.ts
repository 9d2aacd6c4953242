import { CATALOGUE, type Owner } from "../../../../lab/simulated/catalogue/catalogue.js";
import type { Entry } from "../../../../lab/simulated/catalogue/entry.js";
import type { Change, MomentOf } from "../../../../lab/simulated/moments.js";
import { Random } from "../../../../lab/simulated/random.js";

/** One fault that begins at one moment of one change. */
export interface Pair {
  owner: Owner;
  fault: string;
  value: unknown;
  moment: MomentOf<Change>;
}

/**
 * Every value of every fault of these owners at each moment at which it can happen in the change.
 * @param wanted Of them those whose `bmc.busy503=3@before` this expression fits.
 */
export function pairsOf(change: Change, owners: readonly Owner[], wanted?: string): Pair[] {
  const all = owners.flatMap((owner) =>
    Object.entries<Entry<unknown>>(CATALOGUE[owner]).flatMap(([fault, entry]) =>
      entry.values.flatMap((value) => (entry[change] ?? []).map((moment): Pair => ({ owner, fault, value, moment }))),
    ),
  );
  return only(all, wanted);
}

/** Those that an expression fits, by default that of `FLINT_PAIRS`. */
export function only(all: readonly Pair[], wanted = process.env.FLINT_PAIRS ?? ""): Pair[] {
  const fits = new RegExp(wanted);
  return all.filter((pair) => fits.test(`${nameOf(pair)}@${pair.moment}`));
}

/** `bmc.busy503=3`. */
export function nameOf({ owner, fault, value }: Omit<Pair, "moment">): string {
  const said = value === true ? "" : `=${typeof value === "object" ? JSON.stringify(value) : String(value)}`;
  return `${owner}.${fault}${said.replace(/1000000000/, "always").replace(/=1000000$/, "=always")}`;
}

/** So many of them, as the seed has it, and no fault twice. */
export function sampleOf(pairs: readonly Pair[], count: number, seed: string): Pair[] {
  const random = new Random(`${seed}/sample`);
  const sample: Pair[] = [];
  let left = [...pairs];
  while (sample.length < count && left.length > 0) {
    const [taken] = left.splice(random.between(0, left.length - 1), 1);
    if (taken === undefined) break;
    sample.push(taken);
    left = left.filter(({ owner, fault }) => owner !== taken.owner || fault !== taken.fault);
  }
  return sample;
}

/** Shares of about the same size, neighbours apart: the pairs of one fault are tried in different racks. */
export function shares<T>(all: readonly T[], atMost: number): T[][] {
  const count = Math.ceil(all.length / atMost);
  return Array.from({ length: count }, (_, share) => all.filter((_each, at) => at % count === share));
}
