// limit: 600 s
import assert from "node:assert/strict";
import { BootBench } from "../../../lab/boot/bench.js";
import { type DeclaredNode, declareForInstall, fetchedBy } from "../../../lab/boot/declared-node.js";
import { BootProgress } from "../../../providers/bare-metal-node/wire/boot-progress.js";
import { parseWire } from "../../../providers/bare-metal-node/wire/parse-wire.js";
import { skipUnlessRoot } from "./skip-unless-root.js";

const NODE: DeclaredNode = { name: "secure", mac: "52:54:00:0f:00:01", address: "10.0.100.51" };
const FILE = { path: "/images/kernel", size: 1 };

describe("UEFI firmware with Secure Boot on, as it is sold", function () {
  this.timeout(700_000);
  skipUnlessRoot();
  let bench: BootBench | undefined;
  after(() => bench?.close());

  it("fetches iPXE and refuses to start it; what the servers saw, and the BMC, tell the reason", async () => {
    const simple = await BootBench.simple();
    const { server } = simple;
    bench = simple.bench;
    declareForInstall(server, NODE);
    const cards = [{ mac: NODE.mac, to: "switch" }];
    const machine = await bench.powerOn({ firmware: "uefi", secureBoot: true, cards });
    // What firmware says of a boot entry that failed: "BdsDxe: failed to load Boot0001 …: Access Denied".
    await machine.until("the firmware's refusal", () =>
      ["Access Denied", "Security Violation"].some((text) => machine.timesShown(text) > 0),
    );
    assert.ok(server.dhcpLog().includes(`sent ${server.root}/tftp/snponly.efi to ${NODE.address}`), server.dhcpLog());
    // Refused by TFTP, firmware tries UEFI HTTP boot next, and refuses the same file.
    const asked = fetchedBy(server, NODE.address).filter((file) => file !== "/boot/snponly.efi");
    assert.deepEqual(asked, [], "no iPXE asked the web server for anything");

    const image = { kernel: FILE, initrd: FILE, cmdline: "" };
    const progress = new BootProgress({
      node: NODE.name,
      mac: NODE.mac,
      address: NODE.address,
      image,
      firmware: "uefi",
    });
    for (const line of server.dhcpLog().split("\n")) {
      const event = parseWire(line);
      if (event !== undefined) progress.take(event);
    }
    const { cause, found, remedy } = progress.diagnosis({ secureBoot: "on" });
    assert.equal(cause, "ipxe-not-started");
    assert.match(
      found,
      /^the boot file \S*snponly\.efi was sent, but iPXE asked for no script; .*Secure Boot is on, as its BMC says$/,
    );
    assert.match(remedy, /^Its firmware refuses iPXE, which is signed with no key that it knows: /);
  });
});
