import assert from "node:assert/strict";
import fc from "fast-check";
import { type FlintError, isFlintError } from "../../../foundation/errors.js";
import { acceptMachine, type Expected, holdsEarlier } from "../../../providers/bare-metal-node/accept-machine.js";
import { contentFingerprint } from "../../../providers/bare-metal-node/disk/guard.js";
import { installMark } from "../../../providers/bare-metal-node/disk/mark.js";
import { type Disk, parseInventory } from "../../../providers/bare-metal-node/inventory/parse-inventory.js";
import type { DiskWish } from "../../../providers/bare-metal-node/schema.js";
import { type GeneratedDisk, generatedDisks, MEMBERS } from "./generated-disks.js";
import { lsblkDisk, lsblkPart, qemuInstaller } from "./inventory/samples.js";

const NONCE = "0123456789abcdef";
const UEFI = { firmware: "uefi" } as const;
const MARK = installMark("dev", "node01", 2, UEFI);
const EARLIER = installMark("dev", "node01", 1, UEFI);

const node = (disk: Partial<DiskWish>, differences: Partial<Expected> = {}): Expected => ({
  ...{ cluster: "dev", name: "node01", firmware: "uefi", mac: "52:54:00:00:00:01", serial: "RACK-dev-01" },
  addresses: { provisioning: "10.0.100.50", cluster: "10.0.200.10" },
  disk: { layout: "single-uefi", mark: MARK, generation: 2, ...disk },
  ...differences,
});

function inventoryOf(disks: readonly GeneratedDisk[], sections: Record<string, string> = {}) {
  const all = disks.flatMap(({ device, signatures, head }) => [
    [`signatures ${device.name}`, signatures],
    [`head ${device.name}`, head],
  ]);
  const devices = disks.map(({ device }) => device);
  return parseInventory(qemuInstaller(devices, { ...Object.fromEntries(all), ...sections }));
}

const BLANK: GeneratedDisk = {
  ...{ truth: "blank", shows: "blank", signatures: "", head: "0" },
  device: lsblkDisk({ serial: "A" }),
};

describe("BareMetalNode: a machine in its installer", () => {
  it("is known to hold an earlier generation by any of its disks: its own mark, blank and foreign ones are none", () => {
    const marked = (mark: string) => ({
      ...BLANK,
      device: lsblkDisk({ serial: "A", children: [lsblkPart("/dev/vda1", { partlabel: `${mark}-root` })] }),
    });
    const holds = (...disks: GeneratedDisk[]) => holdsEarlier(node({}), inventoryOf(disks));
    const other = { ...BLANK, device: lsblkDisk({ serial: "B", name: "/dev/vdb" }) };
    assert.equal(holds(other, marked(EARLIER)), true);
    for (const mark of [MARK, installMark("dev", "node02", 1, UEFI), installMark("dev", "node01", 3, UEFI)])
      assert.equal(holds(other, marked(mark)), false, mark);
    assert.equal(holds(BLANK), false);
  });

  describe("is refused when it is another one:", () => {
    const cases: [title: string, sections: Record<string, string>, found: string, want?: Partial<Expected>][] = [
      ["another serial", { serial: "OTHER" }, "expected a machine with serial RACK-dev-01 but found serial OTHER"],
      ["no serial", { serial: "" }, "expected a machine with serial RACK-dev-01 but found serial unknown"],
      [
        "another UUID",
        {},
        "expected a machine with UUID 7f000000-0000-4000-8000-000000000002 but found UUID 7f000000-0000-4000-8000-000000000001",
        { uuid: "7f000000-0000-4000-8000-000000000002" },
      ],
      [
        "another card",
        { nics: "enp0s2 52:54:00:00:00:09" },
        "expected a card with MAC 52:54:00:00:00:01 but found 52:54:00:00:00:09",
      ],
      ["other firmware", { firmware: "bios" }, "expected a machine started by uefi but found bios"],
      [
        "an installer of another machine",
        { cmdline: `flint.node=node02 flint.nonce=${NONCE}` },
        "expected the installer started for node01 but found an installer started for node02",
      ],
      [
        "an installer of an earlier attempt",
        { cmdline: "flint.node=node01 flint.nonce=ffffffffffffffff" },
        "expected the installer started for node01 but found an installer started for node01",
      ],
    ];
    for (const [title, sections, found, want] of cases) {
      it(title, () =>
        assert.throws(() => acceptMachine(node({ serial: "A" }, want), inventoryOf([BLANK], sections), NONCE), {
          message: `node01 at 10.0.100.50: ${found}. Correct the node in the stack file, or the cabling. Nothing was written. [MACHINE_IDENTITY]`,
        }),
      );
    }
  });

  describe("keeps what somebody left on its disk, which the refusal names:", () => {
    const refuses = (title: string, summary: string, disk: Omit<GeneratedDisk, "truth" | "shows">) =>
      it(title, () => {
        const inventory = inventoryOf([{ truth: "foreign", shows: summary, ...disk }]);
        const [seen] = inventory.disks;
        assert.ok(seen);
        assert.throws(() => acceptMachine(node({ serial: "A" }), inventory, NONCE), {
          message:
            `node01, disk A: expected a blank disk, or one formatted by this installation but found /dev/vda (serial A, 6.4 GB: ${summary}). ` +
            `To wipe it, set disk.release: ${contentFingerprint(seen)} for node01; or declare another disk. Nothing was written. [DISK_NOT_OURS]`,
        });
        const released = acceptMachine(node({ serial: "A", release: contentFingerprint(seen) }), inventory, NONCE);
        assert.deepEqual(released, { system: seen });
      });
    for (const type of MEMBERS) {
      refuses(`${type} on the whole disk, seen by wipefs alone`, type, {
        ...{ device: lsblkDisk({ serial: "A" }), signatures: `0x0,,,${type}`, head: "0" },
      });
      const part = lsblkPart("/dev/vda1", { fstype: type, partlabel: "data" });
      refuses(`${type} in a partition`, `gpt, ${type}`, {
        ...{
          device: lsblkDisk({ serial: "A", pttype: "gpt", children: [part] }),
          signatures: "0x200,,,gpt",
          head: "9",
        },
      });
    }
    for (const table of ["gpt", "dos"]) {
      refuses(`an empty ${table} partition table`, table, {
        ...{ device: lsblkDisk({ serial: "A", pttype: table }), signatures: `0x200,,,${table}`, head: "9" },
      });
    }
  });

  it("whatever disks it has: one is written only if it is the declared one and blank, ours, or released by its fingerprint", () => {
    const identity = fc.record({
      serial: fc.constantFrom("A", "B", undefined),
      wwn: fc.constantFrom("0xa", "0xB", undefined),
      minSize: fc.constantFrom(undefined, 100e9),
      maxSize: fc.constantFrom(undefined, 1000e9),
    });
    const rightMachine = fc.constantFrom<Record<string, string>>(
      {},
      {},
      {},
      { serial: "OTHER" },
      { nics: "eth0 52:54:00:00:00:09" },
    );
    const accepted = new Map<string, number>();
    fc.assert(
      fc.property(
        generatedDisks(MARK, EARLIER),
        identity,
        rightMachine,
        fc.option(fc.nat(3), { nil: undefined }),
        (disks, wish, sections, released) => {
          const inventory = inventoryOf(disks, sections);
          const release = released === undefined ? undefined : inventory.disks[released];
          const want = node({ ...wish, ...(release === undefined ? {} : { release: contentFingerprint(release) }) });
          const outcome = decide(want, inventory);
          const matching = inventory.disks.filter((disk) => isDeclared(wish, disk));
          const [only] = matching;
          const index = only === undefined ? -1 : inventory.disks.indexOf(only);
          if (outcome instanceof Error) {
            // Refused with what was found: a person must be able to tell why.
            if (outcome.code === "DISK_NOT_OURS") assert.ok(outcome.found?.includes(disks[index]?.shows ?? "?"));
            return;
          }
          assert.deepEqual(sections, {}, "another machine");
          assert.equal(matching.length, 1, "two disks match");
          assert.equal(outcome.system, only);
          const truth = disks[index]?.truth ?? "foreign";
          const consent = release !== undefined && only !== undefined && contentFingerprint(only) === want.disk.release;
          assert.ok(truth !== "foreign" || consent, `${truth} without consent`);
          const way = truth === "foreign" ? "released" : truth;
          accepted.set(way, (accepted.get(way) ?? 0) + 1);
        },
      ),
      { numRuns: 8000 },
    );
    for (const way of ["blank", "ours", "earlier", "released"])
      assert.ok((accepted.get(way) ?? 0) > 10, `the property shows too little: ${JSON.stringify([...accepted])}`);
  });
});

function decide(want: Expected, inventory: Parameters<typeof acceptMachine>[1]): { system: Disk } | FlintError {
  try {
    return acceptMachine(want, inventory, NONCE);
  } catch (error) {
    if (isFlintError(error)) return error;
    throw error;
  }
}

function isDeclared(wish: Partial<DiskWish>, disk: Disk): boolean {
  return (
    (wish.serial === undefined || disk.serial === wish.serial) &&
    (wish.wwn === undefined || disk.wwn?.toLowerCase() === wish.wwn.toLowerCase()) &&
    disk.size >= (wish.minSize ?? 0) &&
    disk.size <= (wish.maxSize ?? Number.POSITIVE_INFINITY)
  );
}
