import assert from "node:assert/strict";
import {
  BOOT_CAUSES,
  type BootCause,
  type Facts,
  type Sight,
} from "../../../../providers/bare-metal-node/wire/causes.js";
import {
  ADDRESS,
  answer,
  BEGUN,
  DISCOVER,
  dhcp,
  ELSEWHERE,
  http,
  KERNEL,
  LOADED,
  OFFER,
  of,
  SCRIPT,
  SYSTEM,
  TO_ACK,
  TO_IPXE,
  TO_KERNEL,
  TO_SCRIPT,
  tftp,
  UEFI,
  UEFI_HTTP,
} from "./sights.js";

const CONSOLE = "Look at the machine's console: ";

/** What was seen, what was asked, and what the user reads. A cause without an example does not compile. */
const EXAMPLES: Record<BootCause, [sights: Sight[], facts: Facts, found: string, remedy: string][]> = {
  "no-power": [
    [
      [],
      { power: "off", link: "down" },
      "that its power is off, as its BMC says",
      "See the BMC's event log for why it went off or did not come on, check its power supplies, then run `pulumi up` again.",
    ],
  ],
  "no-link": [
    [
      [],
      { power: "on", link: "down" },
      "no DHCP request on the wire; the card has no link, as its BMC says",
      "Check the cable of the card with MAC 52:54:00:00:00:01, and that its switch port is enabled.",
    ],
  ],
  "no-dhcp-request": [
    [
      [],
      { power: "on", link: "up" },
      "no DHCP request on the wire",
      "Check the link and VLAN of the card with MAC 52:54:00:00:00:01, that its switch port forwards at once (an edge port of " +
        "the spanning tree), and that the firmware boots from it.",
    ],
  ],
  "from-disk": [
    [
      [answer("stranger")],
      {},
      "no DHCP request on the wire; another system, with another host key, answers ssh at its address",
      "The machine started from a disk instead of the network, or another one has its address: check the boot order in the BIOS, and its address.",
    ],
    [
      [SYSTEM, answer("system")],
      {},
      "no DHCP request on the wire, only one by an operating system (udhcp 1.37.0); the installed system answers ssh at its address",
      "The machine started from a disk instead of the network, or another one has its address: check the boot order in the BIOS, and its address.",
    ],
    ...[[SYSTEM], [answer("system")]].map((sights): [Sight[], Facts, string, string] => [
      sights,
      { overrideTaken: true, power: "on" },
      sights.includes(SYSTEM)
        ? "no DHCP request on the wire, only one by an operating system (udhcp 1.37.0), although its BMC took the network as boot source and showed it when read back"
        : "no DHCP request on the wire, although its BMC took the network as boot source and showed it when read back; the installed system answers ssh at its address",
      "The firmware ignores its BMC's boot override: put the card with MAC 52:54:00:00:00:01 first in the boot order in the BIOS, where it may stay, as a finished machine is sent on to its disk; or update the firmware of BIOS and BMC.",
    ]),
    [
      [answer("stranger")],
      { overrideTaken: true },
      "no DHCP request on the wire, although its BMC took the network as boot source and showed it when read back; another system, with another host key, answers ssh at its address",
      "The firmware ignores its BMC's boot override, or another machine has its address: put the card with MAC 52:54:00:00:00:01 first in the boot order in the BIOS, where it may stay, as a finished machine is sent on to its disk; or update the firmware of BIOS and BMC.",
    ],
  ],
  "no-offer": [
    [
      [dhcp("DHCPDISCOVER", { ...UEFI, note: "no address available" })],
      {},
      "DHCPDISCOVER, but no offer was made (no address available); nothing since 9 s",
      "Check that the provisioning host's DHCP names MAC 52:54:00:00:00:01 (dnsmasq/hosts.d/node01), and its journal; then run `pulumi up` again.",
    ],
  ],
  "offer-not-accepted": [
    [
      [DISCOVER, OFFER],
      {},
      "an offer of 10.0.100.50, which the machine did not take; nothing since 9 s",
      "Another DHCP server may have won, or the firmware refuses the offer: check for a second DHCP server.",
    ],
    [
      [DISCOVER, OFFER],
      { otherServers: ["10.0.100.254"] },
      "an offer of 10.0.100.50, which the machine did not take; the DHCP server at 10.0.100.254 offers addresses, too; nothing since 9 s",
      "The other server won: switch it off on this network, or set pxe.dhcp.mode: proxy, with which it goes on giving out addresses.",
    ],
    [
      [DISCOVER, OFFER, ...ELSEWHERE],
      { otherServers: ["10.0.100.254"] },
      "an offer of 10.0.100.50, but the machine asked the DHCP server at 10.0.100.254 for 10.0.100.207; nothing since 9 s",
      "The other server won: switch it off on this network, or set pxe.dhcp.mode: proxy, with which it goes on giving out addresses.",
    ],
  ],
  "boot-file-not-asked": [
    [
      TO_ACK,
      {},
      "DHCPACK, but no boot file was asked for; nothing since 9 s",
      "The firmware does not take the boot file's name, or it has another one from a second DHCP server: look at the machine's console, and check for a second DHCP server.",
    ],
    [
      [dhcp("DHCPDISCOVER", UEFI_HTTP), dhcp("DHCPACK", { ...UEFI_HTTP, address: ADDRESS })],
      {},
      "DHCPACK, but no boot file was asked for; nothing since 9 s",
      "Some firmware takes a boot file by https only: allow plain HTTP for network boot in its setup. Or it has another URL from a second DHCP server: look at the machine's console, and check for one.",
    ],
    [
      [dhcp("DHCPACK", { ...UEFI_HTTP, address: ADDRESS }), http("/boot/snponly.efi", 200, 0)],
      {},
      "the firmware asked for the size of snponly.efi, but not for the file; nothing since 9 s",
      "The firmware refuses the boot file, or was switched off: look at the machine's console.",
    ],
  ],
  "boot-file-missing": [
    [
      [...TO_ACK, tftp(false, true)],
      {},
      "the boot file snponly.efi was asked for, and is not there; nothing since 9 s",
      "Run `pulumi refresh`, then `pulumi up`: it puts the file there again.",
    ],
  ],
  "tftp-stopped": [
    [
      [...TO_ACK, BEGUN, tftp(false)],
      {},
      "TFTP began to send snponly.efi and stopped; nothing since 9 s",
      "Something between the machine and the provisioning host drops UDP: TFTP answers from a port of its own. Check firewalls, and the switch port's errors and MTU.",
    ],
  ],
  "wrong-architecture": [
    [
      [dhcp("DHCPDISCOVER", { asker: "firmware", architecture: 0 })],
      {},
      "firmware that asked as x86 BIOS (0), where x86-64 UEFI is declared; nothing since 9 s",
      "Set the machine's firmware to UEFI boot, or declare the node's firmware as it is.",
    ],
  ],
  "ipxe-not-started": [
    [
      [...TO_ACK, BEGUN, tftp(true)],
      {},
      "the boot file snponly.efi was sent, but iPXE asked for no script; nothing since 9 s",
      "Secure Boot may refuse iPXE, or the architecture is wrong: look at the machine's console.",
    ],
    [
      [...TO_ACK, BEGUN, tftp(true)],
      { secureBoot: "on" },
      "the boot file snponly.efi was sent, but iPXE asked for no script; nothing since 9 s; Secure Boot is on, as its BMC says",
      "Its firmware refuses iPXE, which is signed with no key that it knows: switch Secure Boot off in its setup or through its BMC, or sign iPXE with a key of yours (docs/how-it-boots.md).",
    ],
    [
      [...TO_ACK, BEGUN, tftp(true)],
      { secureBoot: "off" },
      "the boot file snponly.efi was sent, but iPXE asked for no script; nothing since 9 s",
      "The boot file may be of another architecture: look at the machine's console.",
    ],
  ],
  "no-script": [
    [
      TO_IPXE,
      {},
      "iPXE is up, but fetched no boot.ipxe; nothing since 9 s",
      "Check that nothing between the machine and the provisioning host blocks TCP to its web server.",
    ],
    [
      [...TO_IPXE, http("/boot.ipxe", 404), http("/boot/ipxe.efi")],
      {},
      "iPXE fetched /boot.ipxe (404), but not the node's script; nothing since 9 s",
      "Run `pulumi refresh`, then `pulumi up`: it puts the file there again.",
    ],
    [
      [...TO_IPXE, http("/boot.ipxe"), http("/nodes/52-54-00-00-01-01.ipxe", 404)],
      {},
      "iPXE fetched /nodes/52-54-00-00-01-01.ipxe (404), but not the node's script; nothing since 9 s",
      "Check that the booting card has MAC 52:54:00:00:00:01.",
    ],
  ],
  "no-kernel": [
    [
      [...TO_SCRIPT, { kind: "sending", address: ADDRESS, bytes: 2_000_000 }],
      {},
      "the kernel stopped: kernel 25 %; nothing since 9 s",
      "Check the link's speed and errors, and the machine's memory: kernel and initrd must fit into it twice.",
    ],
    [
      // A firmware that starts again and again, and tries HTTP, too.
      [...TO_SCRIPT, http(KERNEL, 404), http("/boot/ipxe.efi"), http("/boot.ipxe"), http(SCRIPT)],
      {},
      `the kernel was refused: ${KERNEL} (404); nothing since 9 s`,
      "Run `pulumi refresh`, then `pulumi up`: it puts the file there again.",
    ],
  ],
  "no-initrd": [
    [
      [...TO_KERNEL, { kind: "sending", address: ADDRESS, bytes: 32_000_000 }],
      { memory: 256 },
      "the initrd stopped: initrd 50 % of 64 MB; nothing since 9 s",
      "It has 256 MiB of memory, and it needs about 388 MiB: 62 for the initrd, the same to unpack it, 8 for the kernel, 256 to run. Give it more.",
    ],
  ],
  "no-ssh": [
    [
      LOADED,
      { memory: 64 },
      "kernel and initrd were fetched, but ssh does not answer; nothing since 9 s; it has 64 MiB of memory, and it needs about 388 MiB: 62 for the initrd, the same to unpack it, 8 for the kernel, 256 to run",
      "Give the machine more memory, or its profile a smaller image.",
    ],
    [
      LOADED,
      { memory: 65536, power: "on" },
      "kernel and initrd were fetched, but ssh does not answer; nothing since 9 s; it has 65536 MiB of memory, which is enough",
      `${CONSOLE}the kernel stopped, or it has no driver for the network card.`,
    ],
    [
      LOADED,
      { memory: 65536, power: "off" },
      "kernel and initrd were fetched, but ssh does not answer; nothing since 9 s; it has 65536 MiB of memory, which is enough; its BMC shows it off",
      "It has lost its power, or was switched off: see its BMC's event log, mend the cause, then run `pulumi up` again: it is switched on, and goes on from here.",
    ],
    [
      [...LOADED, SYSTEM],
      { memory: 65536 },
      "kernel and initrd were fetched, but ssh does not answer; nothing since 9 s; the installer asked for its address, so it runs",
      "Its sshd does not start, or a firewall is in between: look at the machine's console.",
    ],
  ],
  "wrong-host-key": [
    [
      [...LOADED, answer("stranger")],
      {},
      "kernel and initrd were fetched, but ssh answers with another host key than this attempt's; nothing since 9 s",
      "It runs an earlier attempt's installer, one that did not get its keys, or another machine has its address: switch it off, check the address, and run `pulumi up` again.",
    ],
  ],
  "login-refused": [
    [
      [...LOADED, answer("installer-refuses")],
      {},
      "its installer answers, but refuses the cluster's login key; nothing since 9 s",
      "Another key is in its archive than in the stack: run `pulumi up` again; if it stays, look at the machine's console.",
    ],
  ],
};

describe("BareMetalNode: why a machine does not come", () => {
  for (const cause of BOOT_CAUSES)
    for (const [sights, facts, found, remedy] of EXAMPLES[cause])
      it(`${cause}: ${found}`, () => assert.deepEqual(of(sights, facts), { cause, found, remedy }));

  it("a boot that broke off, and went on from disk, is told by where it broke off", () => {
    const { cause, found, remedy } = of([...TO_ACK, BEGUN, tftp(false), SYSTEM, answer("system")]);
    assert.equal(cause, "tftp-stopped");
    assert.equal(
      found,
      "TFTP began to send snponly.efi and stopped; nothing since 9 s; the installed system answers ssh at its address",
    );
    assert.equal(
      remedy,
      "Something between the machine and the provisioning host drops UDP: TFTP answers from a port of its own. Check firewalls, " +
        "and the switch port's errors and MTU. If it restarted on the way, it came up from its disk: `pulumi up` again starts " +
        "the installer once more.",
    );
  });

  it("firmware of another mode that came further is told besides", () => {
    const bios = { asker: "ipxe", architecture: 0, address: ADDRESS } as const;
    assert.deepEqual(of([dhcp("DHCPDISCOVER", bios), dhcp("DHCPACK", bios), http("/boot.ipxe", 404)]), {
      cause: "no-script",
      found:
        "iPXE fetched /boot.ipxe (404), but not the node's script; nothing since 9 s; its firmware asked as x86 BIOS (0), where x86-64 UEFI is declared",
      remedy: "Run `pulumi refresh`, then `pulumi up`: it puts the file there again.",
    });
  });
});
