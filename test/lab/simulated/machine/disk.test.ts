import assert from "node:assert/strict";
import { Disk } from "../../../../lab/simulated/machine/disk.js";

/** The rack judges by this, and not by what Flint holds for consent. */
describe("A simulated disk that somebody else has written", () => {
  const newDisk = (foreign?: string) => new Disk({ path: "/dev/vda", serial: "DISK-1", size: 100_000, foreign });

  it("is precious until it is given up; a blank one never is", () => {
    const disk = newDisk("xfs");
    assert.equal(disk.precious, true);
    disk.release();
    assert.equal(disk.precious, false);
    assert.equal(newDisk().precious, false);
  });

  it("is precious again with other content: what was given up is what was on it", () => {
    const disk = newDisk("xfs");
    disk.release();
    disk.instead = { foreign: "ext4" };
    assert.equal(disk.precious, true);
    const blank = newDisk();
    blank.release();
    blank.instead = { foreign: "ext4" };
    assert.equal(blank.precious, true);
  });

  it("once formatted, is nobody's, and what comes onto it then was not given up", () => {
    const disk = newDisk("xfs");
    disk.release();
    disk.format("flint-1a2b3c4d");
    assert.equal(disk.foreign, undefined);
    disk.instead = { foreign: "xfs" };
    assert.equal(disk.precious, true);
  });
});

describe("A simulated disk whose wipe was cut off", () => {
  it("starts nothing any more, and is still known by its partitions' names; it is blank once the wipe is done", () => {
    const disk = new Disk({ path: "/dev/vda", serial: "DISK-1", size: 100_000 });
    disk.format("flint-1a2b3c4d");
    disk.system = "/nix/store/system";
    disk.emptyPartitions();
    assert.equal(disk.system, undefined);
    assert.equal(disk.mark, "flint-1a2b3c4d");
    assert.equal(disk.blank, false);
    disk.erase();
    assert.equal(disk.blank, true);
  });
});
