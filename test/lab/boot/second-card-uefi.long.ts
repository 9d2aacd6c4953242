// limit: 600 s
import assert from "node:assert/strict";
import { BootBench } from "../../../lab/boot/bench.js";
import { type DeclaredNode, declareForInstall, installerReport } from "../../../lab/boot/declared-node.js";
import { skipUnlessRoot } from "./skip-unless-root.js";

const NODE: DeclaredNode = { name: "node01", mac: "52:54:00:0d:00:07", address: "10.0.100.57" };
const FIRST = "52:54:00:0d:01:07";
/** PXE, and HTTP boot by IPv4 and IPv6: each has a minute on the first card before the second has its turn. */
const PATIENCE_MS = 420_000;

/** The same with a BIOS, which gives up sooner: networks.test.ts; and with answers: second-card-uefi.test.ts. */
describe("a UEFI machine boots the installer from its second card", function () {
  this.timeout(500_000);
  skipUnlessRoot();
  let bench: BootBench;
  before(async () => {
    bench = await BootBench.create();
  });
  after(() => bench?.close());

  it("when the first in the boot order is on a network without DHCP", async () => {
    await bench.wire.addSwitch("silent");
    await bench.wire.addSwitch("served");
    await bench.wire.addHost("host", { interface: "eth1", to: "served", address: "10.0.100.1/24" });
    const server = await bench.serve("host");
    declareForInstall(server, NODE);
    const machine = await bench.powerOn({
      firmware: "uefi",
      cards: [
        { mac: FIRST, to: "silent" },
        { mac: NODE.mac, to: "served" },
      ],
    });
    const report = () => installerReport(server, NODE);
    assert.equal(await machine.until("the installer's report", report, PATIENCE_MS), "efi");
    for (const shown of ["failed to load Boot", '"UEFI PXEv4 (MAC:5254000D0107)"'])
      assert.ok(machine.timesShown(shown) > 0, shown);
  });
});
