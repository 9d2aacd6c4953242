// limit: 840 s
import { BootBench } from "../../../lab/boot/bench.js";
import type { BootMachine } from "../../../lab/boot/boot-machine.js";
import type { BootServer } from "../../../lab/boot/boot-server.js";
import { declareForDisk } from "../../../lab/boot/declared-node.js";
import { DISK_REPORT } from "../../../lab/boot/reporting-disk.js";
import { BOOT_FROM_DISK } from "../../../providers/bare-metal-node/render/boot-script.js";
import { skipUnlessRoot } from "./skip-unless-root.js";

const CASES = (["uefi", "bios"] as const).flatMap((firmware, family) =>
  BOOT_FROM_DISK.map((bootFromDisk, place) => {
    const number = 10 * family + place + 1;
    return {
      title: `${bootFromDisk} with ${firmware}`,
      node: {
        name: `node${number}`,
        mac: `52:54:00:0c:00:${String(number).padStart(2, "0")}`,
        address: `10.0.100.${50 + number}`,
        firmware,
        bootFromDisk,
      },
    };
  }),
);

describe("a finished machine with the network first in its boot order", function () {
  this.timeout(700_000);
  skipUnlessRoot();
  let bench: BootBench;
  let server: BootServer;
  const machines = new Map<string, BootMachine>();

  before(async () => {
    ({ bench, server } = await BootBench.simple());
    for (const { title, node } of CASES) {
      declareForDisk(server, node);
      const { mac, firmware } = node;
      machines.set(title, await bench.powerOn({ firmware, cards: [{ mac, to: "switch" }], disk: true }));
    }
  });
  after(() => bench?.close());

  // The disk's program resets the machine: two reports are two whole starts.
  for (const { title } of CASES)
    it(`comes up from its disk again and again: ${title}`, async () => {
      const machine = machines.get(title);
      await machine?.until(
        "the disk's second report",
        () => machine.reports().startsWith(DISK_REPORT.repeat(2)),
        600_000,
      );
    });
});
