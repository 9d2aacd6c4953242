import assert from "node:assert/strict";
import fc from "fast-check";
import { releaseMark } from "../../../components/cluster/formats.js";
import { contentFingerprint } from "../../../providers/bare-metal-node/disk/guard.js";

/** What one side names is what a person copies into the other. */
describe("disk.release", () => {
  const fingerprintOf = (serial: string) =>
    contentFingerprint({
      ...{ path: "/dev/sda", serial, size: 6_442_450_944 },
      content: { blank: false, partitionLabels: [], partitions: 0, summary: "xfs", mounted: false },
    });

  it("takes the fingerprint that a refusal names, whatever the disk's serial is", () => {
    assert.match(fingerprintOf("DISK-1"), /^DISK-1-[0-9a-f]{6}$/);
    assert.match(fingerprintOf("QEMU DISK/7"), /^QEMU-DISK-7-[0-9a-f]{6}$/);
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (serial) => {
        const fingerprint = fingerprintOf(serial);
        assert.equal(releaseMark.read(fingerprint), fingerprint);
      }),
    );
  });

  it("tells two disks apart whose serials read alike", () => {
    assert.notEqual(fingerprintOf("A B"), fingerprintOf("A/B"));
  });
});
