import assert from "node:assert/strict";
import { earlierMarks, installMark, type Layout } from "../../../../providers/bare-metal-node/disk/mark.js";

describe("BareMetalNode: the mark of an installation", () => {
  const layouts: Layout[] = [
    { firmware: "uefi" },
    { firmware: "bios" },
    { firmware: "uefi", mirror: "mdraid" },
    { firmware: "uefi", mirror: "zfs" },
    { firmware: "uefi", data: "plain" },
    { firmware: "uefi", data: "encrypted" },
    { firmware: "bios", mirror: "btrfs", data: "encrypted" },
  ];

  it("is another one for each cluster, machine, generation and layout", () => {
    const marks = ["dev", "prod"].flatMap((cluster) =>
      ["node01", "node02"].flatMap((node) =>
        [1, 2].flatMap((generation) => layouts.map((layout) => installMark(cluster, node, generation, layout))),
      ),
    );
    for (const mark of marks) assert.match(mark, /^flint-[0-9a-f]{8}$/);
    assert.equal(new Set(marks).size, marks.length);
  });

  it("of earlier generations of the machine is known, whatever its layout was; no other is", () => {
    const known = earlierMarks("dev", "node01", 3);
    for (const generation of [1, 2]) {
      for (const layout of layouts) assert.ok(known.has(installMark("dev", "node01", generation, layout)));
    }
    const strangers = [
      installMark("dev", "node01", 3, { firmware: "uefi" }),
      installMark("dev", "node01", 4, { firmware: "uefi" }),
      installMark("dev", "node02", 1, { firmware: "uefi" }),
      installMark("prod", "node01", 1, { firmware: "uefi" }),
    ];
    for (const mark of strangers) assert.equal(known.has(mark), false);
    assert.equal(earlierMarks("dev", "node01", 1).size, 0);
    assert.equal(earlierMarks("dev", "node01", 1000).size, 50 * 24);
  });
});
