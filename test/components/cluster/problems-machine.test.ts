import assert from "node:assert/strict";
import type { NodeArgs } from "../../../components/cluster/args.js";
import { nodeOf } from "./sample.js";
import { broken, told } from "./told.js";

describe("problems of a cluster's configuration", () => {
  it("refuses a mirror or data disk without identity, of another kind, where it is no use, or declared twice", () => {
    const disk = (changes: Record<string, unknown>, node: Record<string, unknown> = {}) =>
      told((cluster) => Object.assign(nodeOf(cluster, "node01"), { disk: { serial: "A", ...changes }, ...node }));
    const identity =
      "no identity | serial, wwn or size, or several of them | Name the disk that may be overwritten: `lsblk -o NAME,SERIAL,WWN,SIZE` shows them.";
    assert.deepEqual(disk({ mirror: {}, data: {} }), [
      `nodes.node01.disk.mirror: ${identity}`,
      `nodes.node01.disk.data: ${identity}`,
    ]);
    assert.deepEqual(disk({ mirror: { serial: "B", kind: "raid5" } }), [
      'nodes.node01.disk.mirror.kind: "raid5" | mdraid, btrfs or zfs | Leave it out for mdraid, or choose one of the three.',
    ]);
    assert.deepEqual(disk({ mirror: { serial: "B", kind: "zfs" } }, { firmware: "bios" }), [
      "nodes.node01.disk.mirror.kind: zfs on a machine that boots with bios | mdraid or btrfs with bios; zfs with uefi | Choose another kind: GRUB does not read every ZFS pool that Linux makes.",
    ]);
    assert.deepEqual(disk({ data: { serial: "C" } }, { profile: "worker", bootstrap: false }), [
      "nodes.node01.disk.data: a data disk on a worker | a data disk where Chainfire and FlareDB run: control-plane or all-in-one | Remove it: a worker keeps no raft state.",
    ]);
    assert.deepEqual(disk({ mirror: { serial: "A" }, data: { serial: "DISK-2" } }), [
      'nodes.node01.disk.mirror.serial: "A" is also nodes.node01.disk.serial | one disk per serial number | Copy each disk\'s own serial number.',
      'nodes.node02.disk.serial: "DISK-2" is also nodes.node01.disk.data.serial | one disk per serial number | Copy each disk\'s own serial number.',
    ]);
  });

  describe("UEFI HTTP boot", () => {
    const node = (changes: Partial<NodeArgs>, mode: "full" | "proxy" | "external" = "full") =>
      told((cluster) => {
        cluster.pxe.dhcp = { mode };
        Object.assign(nodeOf(cluster, "node01"), { networkBoot: "uefi-http", ...changes });
      });

    it("is taken with Redfish, with a card that wakes the machine, and with a person", () => {
      assert.deepEqual([node({}), node({}, "external")], [[], []]);
      assert.deepEqual(node({ bmc: { wakeOnLan: true } }), []);
      assert.deepEqual(node({ bmc: { manual: true } }), []);
    });

    it("is refused where nobody could tell the machine, or the machine could not do it: all at once", () => {
      assert.deepEqual(node({ bmc: { ipmi: "10.0.100.150" }, firmware: "bios" }, "proxy"), [
        "nodes.node01.networkBoot: uefi-http on a machine that boots with bios | pxe with bios; pxe or uefi-http with uefi | Remove it, or declare firmware: uefi if the machine boots with that.",
        "nodes.node01.networkBoot: uefi-http of a machine whose BMC is reached by ipmi | pxe beside ipmi; pxe or uefi-http beside redfish, wakeOnLan or manual | Reach the BMC by redfish if it has it, or remove it: IPMI has no word for UEFI HTTP boot.",
        "nodes.node01.networkBoot: uefi-http in mode proxy of pxe.dhcp | pxe in mode proxy; pxe or uefi-http in mode full or external | Choose another mode, or remove it: beside another DHCP server Flint's adds boot files for PXE only.",
      ]);
    });

    it("asks nothing more where PXE is written out, and knows no third way", () => {
      const pxe = { networkBoot: "pxe", bmc: { ipmi: "10.0.100.150" }, firmware: "bios" } as const;
      assert.deepEqual(node(pxe, "proxy"), []);
      assert.deepEqual(broken("nodes.node01.networkBoot", "http"), [
        'nodes.node01.networkBoot: "http" | pxe or uefi-http | Leave it out for pxe, or choose uefi-http where the firmware has UEFI HTTP boot and no PXE.',
      ]);
    });
  });

  it("refuses a disk without identity", () => {
    assert.deepEqual(broken("nodes.node01.disk", {}), [
      "nodes.node01.disk: no identity | serial, wwn or size, or several of them | Name the disk that may be overwritten: `lsblk -o NAME,SERIAL,WWN,SIZE` shows them.",
    ]);
  });
});
