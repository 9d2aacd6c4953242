import assert from "node:assert/strict";
import fc from "fast-check";
import {
  BOOT_CAUSES,
  type BootCause,
  type Facts,
  isAtLeast,
  type Sight,
} from "../../../../providers/bare-metal-node/wire/causes.js";
import { diagnose } from "../../../../providers/bare-metal-node/wire/diagnose.js";
import { NOTHING_SEEN, see } from "../../../../providers/bare-metal-node/wire/sightings.js";

const MAC = "52:54:00:00:00:01";
const ADDRESS = "10.0.100.50";
const KERNEL = "/images/0123456789abcdef/bzImage";
const INITRD = "/images/0123456789abcdef/initrd";
const SCRIPT = "/nodes/52-54-00-00-00-01.ipxe";
const WATCH = {
  node: "node01",
  mac: MAC,
  address: ADDRESS,
  firmware: "uefi",
  image: { kernel: { path: KERNEL, size: 8_000_000 }, initrd: { path: INITRD, size: 64_000_000 }, cmdline: "" },
} as const;

type Dhcp = Extract<Sight, { kind: "dhcp" }>;
const dhcp = (message: string, more: Partial<Dhcp> = {}): Sight => ({ kind: "dhcp", message, mac: MAC, ...more });
const UEFI = { asker: "firmware", architecture: 7 } as const;
const DISCOVER = dhcp("DHCPDISCOVER", UEFI);
const OFFER = dhcp("DHCPOFFER", { ...UEFI, address: ADDRESS });
const ACK = dhcp("DHCPACK", { ...UEFI, address: ADDRESS });
const BEGUN: Sight = { kind: "tftp-begun", address: ADDRESS };
const tftp = (ok: boolean, missing?: true): Sight => ({
  kind: "tftp",
  file: "/var/lib/flint/dev/tftp/snponly.efi",
  address: ADDRESS,
  ok,
  ...(missing === undefined ? {} : { missing }),
});
const http = (uri: string, status = 200, bytes = 300): Sight => ({
  kind: "http",
  uri,
  address: ADDRESS,
  status,
  bytes,
});
const answer = (who: Extract<Sight, { kind: "answer" }>["answer"]): Sight => ({ kind: "answer", answer: who });
const ELSEWHERE = [
  dhcp("DHCPREQUEST", { ...UEFI, address: "10.0.100.207" }),
  dhcp("DHCPNAK", { ...UEFI, address: "10.0.100.207", note: "wrong server-ID" }),
];
const IPXE_ACK = dhcp("DHCPACK", { asker: "ipxe", architecture: 7, address: ADDRESS });
const SYSTEM = dhcp("DHCPDISCOVER", { asker: "system", vendor: "udhcp 1.37.0" });

const TO_ACK = [DISCOVER, OFFER, dhcp("DHCPREQUEST", { ...UEFI, address: ADDRESS }), ACK];
const TO_IPXE = [...TO_ACK, BEGUN, tftp(true), dhcp("DHCPDISCOVER", { asker: "ipxe", architecture: 7 }), IPXE_ACK];
const TO_SCRIPT = [...TO_IPXE, http("/boot.ipxe"), http(SCRIPT)];
const TO_KERNEL = [...TO_SCRIPT, http(KERNEL, 200, 8_000_000)];
const LOADED = [...TO_KERNEL, http(`/keys/${ADDRESS}/ab.cpio`), http(INITRD, 200, 64_000_000)];

function of(sights: readonly Sight[], facts: Facts = {}) {
  const seen = sights.reduce((before, sight) => see(WATCH, before, sight), NOTHING_SEEN);
  return diagnose({ watch: WATCH, seen, facts, silence: "9 s" });
}

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
      "Check the link and VLAN of the card with MAC 52:54:00:00:00:01, and that the firmware boots from it.",
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
  ],
  "no-script": [
    [
      TO_IPXE,
      {},
      "iPXE is up, but fetched no boot.ipxe; nothing since 9 s",
      "Check that nothing between the machine and the provisioning host blocks TCP to its web server.",
    ],
    [
      [...TO_IPXE, http("/boot.ipxe", 404)],
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
      [...TO_SCRIPT, http(KERNEL, 404)],
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
    const { cause, found } = of([...TO_ACK, BEGUN, tftp(false), SYSTEM, answer("system")]);
    assert.equal(cause, "tftp-stopped");
    assert.equal(
      found,
      "TFTP began to send snponly.efi and stopped; nothing since 9 s; the installed system answers ssh at its address",
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

  it("a ProxyDHCP offer that was not asked about is one that was not taken", () => {
    assert.equal(of([dhcp("PXE")]).cause, "offer-not-accepted");
    assert.equal(of([dhcp("PXE"), dhcp("PXE", { address: ADDRESS })]).cause, "boot-file-not-asked");
  });

  it("a newer iPXE that looks for its autoexec.ipxe runs, whether it is there or not", () => {
    const file = "/var/lib/flint/dev/tftp/autoexec.ipxe";
    for (const more of [{ ok: true }, { ok: false, missing: true as const }])
      assert.equal(of([...TO_ACK, { kind: "tftp", file, address: ADDRESS, ...more }]).cause, "no-script");
  });

  describe("whatever is seen, in any order,", () => {
    const asker = fc.constantFrom("firmware", "ipxe", "system", undefined);
    const mine = { mac: fc.constantFrom(MAC, "52:54:00:00:00:02"), address: fc.constantFrom(ADDRESS, "10.0.100.51") };
    const sight: fc.Arbitrary<Sight> = fc.oneof(
      fc.record({
        kind: fc.constant("dhcp" as const),
        message: fc.constantFrom(
          "DHCPDISCOVER",
          "DHCPOFFER",
          "DHCPREQUEST",
          "DHCPACK",
          "DHCPNAK",
          "DHCPDECLINE",
          "PXE",
        ),
        mac: mine.mac,
        address: fc.option(mine.address, { nil: undefined }),
        asker,
        architecture: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
        note: fc.option(fc.constant("no address available"), { nil: undefined }),
      }),
      fc.record({ kind: fc.constant("tftp-begun" as const), address: mine.address }),
      fc.record({
        kind: fc.constant("tftp" as const),
        file: fc.constantFrom("/t/snponly.efi", "/t/undionly.kpxe", "/t/autoexec.ipxe"),
        address: mine.address,
        ok: fc.boolean(),
      }),
      fc.record({
        kind: fc.constant("http" as const),
        uri: fc.constantFrom("/boot.ipxe", "/boot/ipxe.efi", SCRIPT, KERNEL, INITRD, `/keys/${ADDRESS}/ab.cpio`, "/x"),
        address: mine.address,
        status: fc.constantFrom(200, 206, 403, 404, 500),
        bytes: fc.integer({ min: 0, max: 70_000_000 }),
      }),
      fc.record({ kind: fc.constant("sending" as const), address: mine.address, bytes: fc.nat() }),
      fc.record({
        kind: fc.constant("answer" as const),
        answer: fc.constantFrom("installer", "installer-refuses", "system", "system-refuses", "stranger"),
      }),
    );
    const facts: fc.Arbitrary<Facts> = fc.record(
      {
        power: fc.constantFrom("on", "off"),
        link: fc.constantFrom("up", "down"),
        memory: fc.integer({ min: 1, max: 4096 }),
        otherServers: fc.array(fc.ipV4(), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    );

    it("there is exactly one cause, in whole sentences", () => {
      fc.assert(
        fc.property(fc.array(sight), facts, (sights, asked) => {
          const { cause, found, remedy } = of(sights, asked);
          assert.equal(BOOT_CAUSES.filter((each) => each === cause).length, 1);
          assert.match(remedy, /^[A-Z].*\.$/);
          assert.doesNotMatch(found, /undefined|NaN|^$/);
        }),
        { numRuns: 1000 },
      );
    });

    it("seeing more never leads to an earlier cause", () => {
      fc.assert(
        fc.property(fc.array(sight), facts, (sights, asked) => {
          sights.reduce<BootCause>((before, _, index) => {
            const { cause } = of(sights.slice(0, index + 1), asked);
            assert.ok(isAtLeast(cause, before), `${before}, then ${cause}`);
            return cause;
          }, of([], asked).cause);
        }),
        { numRuns: 1000 },
      );
    });

    it("what other machines do changes nothing", () => {
      const others = sight.filter(
        (each) => each.kind !== "answer" && (each.kind === "dhcp" ? each.mac !== MAC : each.address !== ADDRESS),
      );
      fc.assert(
        fc.property(fc.array(others), facts, (sights, asked) => {
          assert.deepEqual(of(sights, asked), of([], asked));
        }),
      );
    });
  });
});
