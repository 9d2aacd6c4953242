import assert from "node:assert/strict";
import fc from "fast-check";
import { isFlintError } from "../../../../foundation/errors.js";
import { chooseDisks, contentFingerprint } from "../../../../providers/bare-metal-node/disk/guard.js";
import type { Disk, DiskContent } from "../../../../providers/bare-metal-node/inventory/parse-inventory.js";
import type { DiskIdentity, DiskWish, StoredNode } from "../../../../providers/bare-metal-node/schema.js";
import { disksToWipe } from "../../../../providers/bare-metal-node/wipe.js";

const MARK = "flint-1a2b3c4d";
const EARLIER = "flint-0e0e0e0e";
const EARLIER_STILL = "flint-0d0d0d0d";
const STRANGER = "flint-99999999";
const GB = 1_000_000_000;
const RUNS = { numRuns: 10_000 };
/** Of those runs, so many at least must lead to disks: otherwise the property shows nothing. */
const ACCEPTED = 150;
const REFUSALS = ["DISK_NOT_FOUND", "DISK_AMBIGUOUS", "DISK_NOT_OURS", "WIPE_REFUSED"];

// The rules, written down a second time: not by what the guard uses.
const labelled = ({ content }: Disk, mark: string) =>
  content.partitionLabels.length > 0 && content.partitionLabels.every((label) => label.startsWith(`${mark}-`));
const fits = (wish: DiskIdentity, { serial, wwn, size }: Disk) =>
  [undefined, serial].includes(wish.serial) &&
  [undefined, wwn?.toLowerCase()].includes(wish.wwn?.toLowerCase()) &&
  size >= (wish.minSize ?? 0) &&
  size <= (wish.maxSize ?? Number.POSITIVE_INFINITY);

/** What a disk may hold: nothing, one installation's partitions, a mixture, somebody's data, what a wipe left. */
const contents: fc.Arbitrary<DiskContent> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(held([], "blank")) },
  {
    weight: 16,
    arbitrary: fc
      .constantFrom(MARK, MARK, MARK, MARK, MARK, EARLIER, EARLIER_STILL, STRANGER)
      .map((mark) => held([`${mark}-esp`, `${mark}-root`], "gpt, vfat, ext4")),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(
        fc.constantFrom(`${MARK}-esp`, `${EARLIER}-root`, `${EARLIER_STILL}-esp`, `${MARK}0-esp`, MARK, "data", ""),
        {
          minLength: 1,
          maxLength: 3,
        },
      )
      .map((labels) => held(labels, "gpt")),
  },
  { weight: 2, arbitrary: fc.constantFrom("ext4 'backup'", "unknown data", "gpt").map((summary) => held([], summary)) },
);
function held(partitionLabels: string[], summary: string): DiskContent {
  return {
    ...{ blank: summary === "blank", partitionLabels, partitions: partitionLabels.length, summary, mounted: false },
  };
}
const OURS = held([`${MARK}-esp`, `${MARK}-root`], "gpt, vfat, ext4");
const disk = (serial: string | undefined, holds: fc.Arbitrary<DiskContent>): fc.Arbitrary<Disk> =>
  fc.record({
    path: fc.constant("/dev/sda"),
    serial: fc.constant(serial),
    wwn: fc.constantFrom("0xA", "0xb", undefined, undefined),
    size: fc.constantFrom(500 * GB, 2000 * GB),
    content: holds,
  });
/**
 * In any order; mostly with serial numbers of their own, sometimes with two alike; those of every second machine are this
 * installation's, mostly, but for one or two.
 */
const disks: fc.Arbitrary<Disk[]> = fc
  .tuple(
    fc.shuffledSubarray(["A", "B", "C", "D", undefined], { minLength: 2 }),
    fc.option(fc.constantFrom("A", "C"), { nil: undefined, freq: 10 }),
    fc.boolean(),
  )
  .chain(([serials, again, installed]) => {
    const ours = fc.oneof({ weight: 6, arbitrary: fc.constant(OURS) }, contents);
    const holds = (serial: string | undefined) =>
      !installed ? contents : serial === "D" || serial === undefined ? fc.constant(held([], "blank")) : ours;
    const all = [...serials, ...(again === undefined ? [] : [again])];
    return fc.tuple(...all.map((serial) => disk(serial, holds(serial))));
  })
  .map((all) => all.map((each, at) => ({ ...each, path: `/dev/sd${"abcdef"[at]}` })));

/** Declared by its serial, mostly; also by WWN or by size, which one of another role may fit, too. */
const identities = (serial: string): fc.Arbitrary<DiskIdentity> =>
  fc.oneof(
    { weight: 20, arbitrary: fc.constant({ serial }) },
    fc.constant({ serial, minSize: 1000 * GB }),
    fc.constantFrom("A", "D", "gone").map((other) => ({ serial: other })),
    fc.constant({ wwn: "0xa" }),
    fc.constant({ maxSize: 1000 * GB }),
  );
interface Layout {
  system: DiskIdentity;
  mirror: DiskIdentity | undefined;
  data: DiskIdentity | undefined;
}
const layouts: fc.Arbitrary<Layout> = fc.record({
  system: identities("A"),
  mirror: fc.option(identities("B"), { nil: undefined }),
  data: fc.option(identities("C"), { nil: undefined }),
});
/** Which disk's fingerprint stands at which role as a release: also one that is meant for another disk. */
interface Released {
  system: number | undefined;
  mirror: number | undefined;
  data: number | undefined;
}
const releases: fc.Arbitrary<Released> = fc.record({
  system: fc.option(fc.nat({ max: 4 }), { nil: undefined, freq: 2 }),
  mirror: fc.option(fc.nat({ max: 4 }), { nil: undefined, freq: 2 }),
  data: fc.option(fc.nat({ max: 4 }), { nil: undefined, freq: 2 }),
});
interface Roles<T> {
  system: T;
  mirror?: T;
  data?: T;
}

function wishOf(layout: Layout, released: Released, found: readonly Disk[]): DiskWish {
  const release = (at: number | undefined) => {
    const disk = at === undefined ? undefined : found[at];
    return disk === undefined ? {} : { release: contentFingerprint(disk) };
  };
  const { system, mirror, data } = layout;
  return {
    ...{ layout: "single-uefi", mark: MARK, generation: 3, ...system, ...release(released.system) },
    ...(mirror === undefined ? {} : { mirror: { ...mirror, ...release(released.mirror) } }),
    ...(data === undefined ? {} : { data: { ...data, ...release(released.data), encrypted: true } }),
  };
}

/** undefined: refused, by one of the guard's errors. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    assert.ok(isFlintError(error) && REFUSALS.includes(error.code), String(error));
    return undefined;
  }
}

describe("whatever disks a machine has, and however they are declared", () => {
  it("an installation writes on each declared disk once: by its identity alone, blank, ours, or released at its own role", () => {
    let accepted = 0;
    const reasons = new Set<string>();
    fc.assert(
      fc.property(disks, layouts, releases, (found, layout, released) => {
        const wish = wishOf(layout, released, found);
        const chosen: Roles<Disk> | undefined = attempt(() =>
          chooseDisks("node01", wish, found, new Set([EARLIER, EARLIER_STILL])),
        );
        if (chosen === undefined) return;
        accepted++;
        const wishes: Roles<DiskIdentity> = { system: wish, ...pick(wish) };
        assert.deepEqual(Object.keys(chosen).sort(), Object.keys(wishes).sort(), "no role more, none less");
        const written = Object.values(chosen);
        assert.equal(new Set(written).size, written.length, "one disk does not serve as two");
        for (const role of ["system", "mirror", "data"] as const) {
          const one: Disk | undefined = chosen[role];
          const declared: DiskIdentity | undefined = wishes[role];
          if (one === undefined || declared === undefined) continue;
          assert.deepEqual(
            found.filter((each) => fits(declared, each)),
            [one],
            "its identity is that of one disk",
          );
          const why = one.content.blank
            ? "blank"
            : ([MARK, EARLIER, EARLIER_STILL].find((mark) => labelled(one, mark)) ??
              (declared.release === contentFingerprint(one) ? "released" : undefined));
          assert.ok(why !== undefined, `${role}: ${JSON.stringify(one)}`);
          reasons.add(why);
        }
        const strays = found.filter((each) => !written.includes(each));
        for (const { content } of strays)
          assert.ok(!content.partitionLabels.some((label) => label.startsWith(`${MARK}-`)), "the mark is nowhere else");
      }),
      RUNS,
    );
    assert.ok(accepted > ACCEPTED, `${accepted} inventories led to disks`);
    assert.deepEqual([...reasons].sort(), ["blank", EARLIER_STILL, EARLIER, MARK, "released"].sort());
  });

  it("a removal wipes declared disks of this very installation alone, released or not; one that goes on also what it left of them", () => {
    const accepted = { false: 0, true: 0 };
    fc.assert(
      fc.property(
        disks,
        layouts,
        releases,
        fc.boolean(),
        fc.boolean(),
        (found, layout, released, begun, unfinished) => {
          const wish = wishOf(layout, released, found);
          // Only these two are read.
          const node = { name: "node01", disk: wish } as StoredNode;
          const wiped = attempt(() => disksToWipe(node, found, begun, unfinished));
          if (wiped === undefined) return;
          accepted[`${begun}`]++;
          const wishes = Object.values<DiskIdentity>({ system: wish, ...pick(wish) });
          assert.equal(wiped.length, wishes.length);
          for (const { path } of wiped) {
            const one = found.find((each) => each.path === path);
            assert.ok(one !== undefined && wishes.some((declared) => fits(declared, one)), path);
            const isRest =
              ["blank", "unknown data", "gpt"].includes(one.content.summary) &&
              one.content.partitionLabels.every((label) => label === "" || label.startsWith(`${MARK}-`));
            const isUntouched = unfinished && one.content.blank;
            assert.ok(labelled(one, MARK) || (begun && isRest) || isUntouched, JSON.stringify(one));
          }
        },
      ),
      RUNS,
    );
    assert.ok(accepted.false > ACCEPTED / 3 && accepted.true > ACCEPTED / 3, JSON.stringify(accepted));
  });
});

function pick({ mirror, data }: DiskWish): { mirror?: DiskIdentity; data?: DiskIdentity } {
  return { ...(mirror === undefined ? {} : { mirror }), ...(data === undefined ? {} : { data }) };
}
