// limit: 600 s
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BootBench } from "../../../lab/boot/bench.js";
import { type DeclaredNode, declareForInstall, installerReport } from "../../../lab/boot/declared-node.js";
import { startDnsmasq } from "../../../lab/boot/dhcp-neighbour.js";
import { skipUnlessRoot } from "./skip-unless-root.js";

const NODE: DeclaredNode = { name: "node01", mac: "52:54:00:0d:00:08", address: "10.0.100.58" };
const FIRST = "52:54:00:0d:01:08";
const NO_FILES = mkdtempSync(join(tmpdir(), "flint-no-files-"));

/** A boot server for PXE and for UEFI HTTP boot, IPv4 and IPv6 (RFC 5970), that has none of the files that it names. */
const OTHER_SERVER = [
  ...["--interface=lan", "--dhcp-range=192.0.2.100,192.0.2.120", "--enable-tftp", `--tftp-root=${NO_FILES}`],
  ...["--dhcp-boot=other.efi", "--dhcp-match=set:http,option:client-arch,16"],
  ...["--dhcp-boot=tag:http,http://192.0.2.1/other.efi", "--dhcp-option-force=tag:http,60,HTTPClient"],
  ...["--enable-ra", "--dhcp-range=2001:db8::100,2001:db8::120,64"],
  "--dhcp-option-force=option6:59,http://[2001:db8::1]/other.efi",
  // Vendor class: an enterprise number, and "HTTPClient" after its length.
  "--dhcp-option-force=option6:16,00:00:01:37:00:0a:48:54:54:50:43:6c:69:65:6e:74",
];

/** Without any answer each protocol has a minute, and this takes four: second-card-uefi.long.ts. */
describe("a UEFI machine boots the installer from its second card", function () {
  this.timeout(700_000);
  skipUnlessRoot();
  let bench: BootBench;
  before(async () => {
    bench = await BootBench.create();
  });
  after(async () => {
    await bench?.close();
    rmSync(NO_FILES, { recursive: true });
  });

  it("when the first in the boot order is on the network of another boot server, which has nothing for it", async () => {
    await bench.wire.addSwitch("other");
    await bench.wire.addSwitch("served");
    await bench.wire.addHost("router", { interface: "lan", to: "other", address: "192.0.2.1/24" });
    await bench.wire.run("router", "ip", "address", "add", "2001:db8::1/64", "dev", "lan", "nodad");
    await bench.wire.addHost("host", { interface: "eth1", to: "served", address: "10.0.100.1/24" });
    bench.add(await startDnsmasq(bench.wire, "router", ...OTHER_SERVER));
    const server = await bench.serve("host");
    declareForInstall(server, NODE);
    const machine = await bench.powerOn({
      firmware: "uefi",
      cards: [
        { mac: FIRST, to: "other" },
        { mac: NODE.mac, to: "served" },
      ],
    });
    const report = () => installerReport(server, NODE);
    assert.equal(await machine.until("the installer's report", report, 600_000), "efi");
    for (const shown of ["failed to load Boot", '"UEFI PXEv4 (MAC:5254000D0108)"'])
      assert.ok(machine.timesShown(shown) > 0, shown);
  });
});
