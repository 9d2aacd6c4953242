import assert from "node:assert/strict";
import { BootProgress } from "../../../../providers/bare-metal-node/wire/boot-progress.js";
import { BOOT_CAUSES } from "../../../../providers/bare-metal-node/wire/causes.js";
import { parseWire } from "../../../../providers/bare-metal-node/wire/parse-wire.js";

const MAC = "52:54:00:00:00:01";
const ADDRESS = "10.0.100.50";
const KERNEL = "/images/0123456789abcdef/bzImage";
const INITRD = "/images/0123456789abcdef/initrd";

class Boot {
  clock = 0;
  readonly progress: BootProgress;

  constructor(initrd = 64_000_000) {
    const image = { kernel: { path: KERNEL, size: 8_000_000 }, initrd: { path: INITRD, size: initrd }, cmdline: "" };
    const watch = { node: "node01", firmware: "uefi", mac: MAC, address: ADDRESS, image } as const;
    this.progress = new BootProgress(watch, () => this.clock);
  }

  /** Feeds lines as the servers write them; true for those that concern this machine. */
  see(...lines: string[]): boolean[] {
    return lines.map((line) => {
      const event = parseWire(line);
      if (event === undefined) return assert.fail(`no event: ${line}`);
      return this.progress.take(event);
    });
  }
}

const dhcp = (message: string, mac = MAC) => `dnsmasq-dhcp[7]: 1 ${message}(host0) ${ADDRESS} ${mac}`;
const tftp = (file: string) => `dnsmasq-tftp[7]: sent /var/lib/flint/dev/tftp/${file} to ${ADDRESS}`;
const http = (uri: string, bytes = 300, status = 200, ip = ADDRESS) => JSON.stringify({ ip, uri, status, bytes });
const acked = (bytes: number) => `ss ESTAB 0 0 10.0.100.1:80 ${ADDRESS}:4000 cubic bytes_acked:${bytes} `;
const SCRIPT = "/nodes/52-54-00-00-00-01.ipxe";

/** The whole way, step by step: what arrives, the phase, and the line the user reads. */
const WAY: { lines: string[]; phase: string; line: string }[] = [
  { lines: [], phase: "powered-on", line: "powered on, waiting for DHCP" },
  { lines: [dhcp("DHCPDISCOVER"), dhcp("DHCPOFFER")], phase: "dhcp", line: "DHCPOFFER, waiting for the boot file" },
  { lines: [dhcp("DHCPREQUEST"), dhcp("DHCPACK")], phase: "dhcp", line: "DHCPACK, waiting for the boot file" },
  { lines: [tftp("snponly.efi")], phase: "firmware-loaded", line: "boot file loaded, starting iPXE" },
  {
    lines: [dhcp("DHCPDISCOVER"), dhcp("DHCPACK")],
    phase: "firmware-loaded",
    line: "boot file loaded, starting iPXE",
  },
  { lines: [http("/boot.ipxe")], phase: "ipxe", line: "iPXE is up" },
  { lines: [http(SCRIPT)], phase: "kernel", line: "kernel 0 %" },
  { lines: [acked(4_000_000)], phase: "kernel", line: "kernel 50 %" },
  { lines: [http(KERNEL, 8_000_000)], phase: "initrd", line: "initrd 0 % of 64 MB" },
  { lines: [acked(26_880_000)], phase: "initrd", line: "initrd 42 % of 64 MB" },
  { lines: [acked(70_000_000)], phase: "initrd", line: "initrd 100 % of 64 MB" },
  { lines: [http(INITRD, 64_000_000)], phase: "loaded", line: "installer starting" },
];

describe("BareMetalNode: boot progress, as the servers saw it", () => {
  it("follows a machine from power to installer", () => {
    const boot = new Boot();
    for (const { lines, phase, line } of WAY) {
      boot.clock += 1000;
      boot.see(...lines);
      assert.deepEqual([boot.progress.phase, boot.progress.line()], [phase, line]);
    }
  });

  it("tells the size of a small initrd, as a simulated rack has, in kB", () => {
    const boot = new Boot(60_000);
    boot.see(dhcp("DHCPACK"), http(SCRIPT), http(KERNEL, 8_000_000), acked(24_000));
    assert.equal(boot.progress.line(), "initrd 40 % of 60 kB");
  });

  it("notes when each phase was reached first", () => {
    const boot = new Boot();
    for (const { lines } of WAY) {
      boot.see(...lines);
      boot.clock += 1000;
    }
    assert.deepEqual(Object.fromEntries(boot.progress.reached), {
      "powered-on": 0,
      dhcp: 1000,
      "firmware-loaded": 3000,
      ipxe: 5000,
      kernel: 6000,
      initrd: 8000,
      loaded: 11000,
    });
  });

  it("other machines' events are not this machine's", () => {
    const boot = new Boot();
    assert.deepEqual(
      boot.see(
        dhcp("DHCPACK", "52:54:00:00:00:02"),
        http("/boot.ipxe", 1, 200, "10.0.100.51"),
        dhcp("DHCPDISCOVER"),
        http("/boot.ipxe"),
      ),
      [false, false, true, true],
    );
  });

  it("UEFI HTTP boot loads its boot file over HTTP", () => {
    const boot = new Boot();
    boot.see(dhcp("DHCPACK"), http("/boot/snponly.efi", 0));
    assert.equal(boot.progress.line(), "DHCPACK, waiting for the boot file", "only its size was asked for");
    boot.see(http("/boot/snponly.efi", 1_000_000));
    assert.equal(boot.progress.line(), "boot file loaded, starting iPXE");
  });

  it("a kernel that was not sent whole is not loaded, nor one that was refused", () => {
    const boot = new Boot();
    boot.see(http(SCRIPT), http(KERNEL, 7_999_999), http(KERNEL, 8_000_000, 404));
    assert.equal(boot.progress.phase, "kernel");
  });

  it("the archive of another attempt does not count", () => {
    const boot = new Boot();
    boot.see(http(SCRIPT), http(`/keys/${ADDRESS}/0000000000000000.cpio`));
    assert.equal(boot.progress.phase, "kernel");
  });

  describe("a machine that does not get further is told with cause and remedy:", () => {
    const diagnosis = (title: string, lines: string[], found: string, remedy: string) =>
      it(title, () => {
        const boot = new Boot();
        boot.see(...lines);
        boot.clock += 95_000;
        const { cause, ...told } = boot.progress.diagnosis();
        assert.ok(BOOT_CAUSES.includes(cause));
        assert.deepEqual(told, { found, remedy });
      });

    diagnosis(
      "silence",
      [],
      "no DHCP request on the wire",
      "Check the link and VLAN of the card with MAC 52:54:00:00:00:01, that its switch port forwards at once (an edge port of " +
        "the spanning tree), and that the firmware boots from it.",
    );
    diagnosis(
      "an offer that was not taken",
      [dhcp("DHCPDISCOVER"), dhcp("DHCPOFFER")],
      "an offer of 10.0.100.50, which the machine did not take; nothing since 1 min 35 s",
      "Another DHCP server may have won, or the firmware refuses the offer: check for a second DHCP server.",
    );
    diagnosis(
      "a boot file that did not start",
      [dhcp("DHCPACK"), tftp("snponly.efi")],
      "the boot file snponly.efi was sent, but iPXE asked for no script; nothing since 1 min 35 s",
      "Secure Boot may refuse iPXE, or the architecture is wrong: look at the machine's console.",
    );
    diagnosis(
      "iPXE on another card",
      [http("/boot.ipxe"), http("/nodes/52-54-00-00-01-01.ipxe", 0, 404)],
      "iPXE fetched /nodes/52-54-00-00-01-01.ipxe (404), but not the node's script; nothing since 1 min 35 s",
      "Check that the booting card has MAC 52:54:00:00:00:01.",
    );
    const MEMORY =
      "Check the link's speed and errors, and the machine's memory: kernel and initrd must fit into it twice.";
    diagnosis(
      "a kernel that stopped",
      [http(SCRIPT), acked(2_000_000)],
      "the kernel stopped: kernel 25 %; nothing since 1 min 35 s",
      MEMORY,
    );
    diagnosis(
      "an initrd that stopped",
      [http(SCRIPT), http(KERNEL, 8_000_000), acked(32_000_000)],
      "the initrd stopped: initrd 50 % of 64 MB; nothing since 1 min 35 s",
      MEMORY,
    );
    it("an initrd that is still moving has not stopped: the link is slow", () => {
      const boot = new Boot();
      boot.see(http(SCRIPT), http(KERNEL, 8_000_000), acked(32_000_000));
      boot.clock += 95_000;
      boot.see(acked(32_100_000));
      boot.clock += 1_000;
      assert.deepEqual(boot.progress.diagnosis(), {
        cause: "no-initrd",
        found: "the initrd still on its way: initrd 50 % of 64 MB",
        remedy: "The link is slow: check its speed and errors; for a link that is meant to be, raise deadlines.boot.",
      });
    });
    diagnosis(
      "an installer that does not answer",
      [http(INITRD, 64_000_000)],
      "kernel and initrd were fetched, but ssh does not answer; nothing since 1 min 35 s",
      "Look at the machine's console: too little memory (it needs about 388 MiB: 62 for the initrd, the same to unpack it, 8 for the kernel, 256 to run), or no driver for the network card.",
    );
  });

  it("what a machine did before it was switched on is forgotten", () => {
    const boot = new Boot();
    boot.see(http(SCRIPT), http(KERNEL, 8_000_000));
    boot.clock += 5000;
    boot.progress.restart();
    assert.deepEqual([boot.progress.phase, [...boot.progress.reached]], ["powered-on", [["powered-on", 5000]]]);
    assert.equal(boot.progress.diagnosis().cause, "no-dhcp-request");
  });

  it("a connection that acknowledges nothing new is silence", () => {
    const boot = new Boot();
    boot.see(http(SCRIPT), acked(2_000_000));
    boot.clock += 10_000;
    boot.see(acked(2_000_000));
    boot.clock += 10_000;
    assert.match(boot.progress.diagnosis().found, /; nothing since 20 s$/);
    boot.see(acked(2_000_001));
    assert.equal(boot.progress.diagnosis().found, "the kernel still on its way: kernel 25 %");
  });
});
