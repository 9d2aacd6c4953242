import { NixSystems } from "../nix-systems.js";
import { bounded, type Measurement, median, type Row, recorded } from "../row.js";

const SIZES = [3, 30, 100];
const ROUNDS = 3;
/** Machines beside the first in the build that the marginal cost is taken from. */
const FURTHER = 10;

/** What nix takes for many machines: to evaluate their systems, and to build one more. */
export const measurement: Measurement = {
  names: [
    ...SIZES.flatMap((size) => [`nix.eval-ms-per-node-${size}`, `nix.eval-mb-${size}`]),
    "nix.eval-growth",
    "nix.eval-mb-growth",
    "nix.build-marginal-ratio",
    "nix.build-marginal-warm-ratio",
    "installer.image-mb",
  ],
  async measure() {
    return [...(await evaluation()), await marginalBuild(true), await marginalBuild(false), await installerImage()];
  },
};

async function evaluation(): Promise<Row[]> {
  const rows: Row[] = [];
  const perNode: number[] = [];
  const memory: number[] = [];
  for (const size of SIZES) {
    const systems = await NixSystems.of(size);
    const runs = [];
    for (let round = 0; round < ROUNDS; round++) runs.push(await systems.evaluate());
    await systems.remove();
    const ms = runs.map(({ seconds }) => (seconds * 1000) / size);
    const mb = runs.map((each) => each.mb);
    perNode.push(median(ms));
    memory.push(median(mb));
    rows.push(recorded(`nix.eval-ms-per-node-${size}`, median(ms), "ms", ms));
    rows.push(recorded(`nix.eval-mb-${size}`, median(mb), "MB", mb));
  }
  // Linear growth: a machine of a hundred costs no more than one of thirty, in time and in memory.
  const [, thirty = 0, hundred = 0] = perNode;
  const [, mbThirty = 0, mbHundred = 0] = memory;
  return [
    ...rows,
    bounded("nix.eval-growth", hundred / thirty, "×", 1.1),
    bounded("nix.eval-mb-growth", mbHundred / 100 / (mbThirty / 30), "×", 1.1),
  ];
}

/**
 * A further machine that differs only in data, against the first, in one `nix build`. Fresh: the first brings what all have in
 * common with it, as when a user builds for the first time, or after a change of all. Warm: that is there.
 */
async function marginalBuild(fresh: boolean): Promise<Row> {
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [one, many] = [await NixSystems.of(1, fresh), await NixSystems.of(1 + FURTHER, fresh)];
    const first = await one.build();
    ratios.push(((await many.build()) - first) / FURTHER / first);
    await Promise.all([one.remove(), many.remove()]);
  }
  const value = median(ratios);
  return fresh
    ? bounded("nix.build-marginal-ratio", value, "×", 0.2, ratios)
    : recorded("nix.build-marginal-warm-ratio", value, "×", ratios);
}

async function installerImage(): Promise<Row> {
  const systems = await NixSystems.of(1);
  try {
    return bounded("installer.image-mb", (await systems.installerBytes()) / 1e6, "MB", 32);
  } finally {
    await systems.remove();
  }
}
