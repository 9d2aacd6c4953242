import assert from "node:assert/strict";
import fc from "fast-check";
import type { Examination } from "../../../../providers/bare-metal-node/doctor/examine.js";
import { renderExamination, wrap } from "../../../../providers/bare-metal-node/doctor/report.js";
import { timelineOf } from "../../../../providers/bare-metal-node/doctor/timeline.js";
import type { WireEvent } from "../../../../providers/bare-metal-node/wire/parse-wire.js";

const MAC = "52:54:00:00:00:01";
const at = (time: string) => Date.parse(`2026-11-28T${time}Z`);
const ADDRESS = "10.0.100.50";

const EVENTS: [string, WireEvent][] = [
  ["05:53:28", { kind: "dhcp", message: "DHCPDISCOVER", mac: MAC, asker: "firmware", architecture: 7 }],
  ["05:53:28", { kind: "dhcp", message: "DHCPOFFER", mac: MAC, address: ADDRESS, asker: "firmware", architecture: 7 }],
  [
    "05:53:33",
    { kind: "dhcp", message: "DHCPREQUEST", mac: MAC, address: ADDRESS, asker: "firmware", architecture: 7 },
  ],
  ["05:53:33", { kind: "dhcp", message: "DHCPACK", mac: MAC, address: ADDRESS, asker: "firmware", architecture: 7 }],
  ["05:53:33", { kind: "tftp-begun", address: ADDRESS }],
  ["05:53:34", { kind: "tftp", file: "/t/snponly.efi", address: ADDRESS, ok: false }],
  ["05:53:40", { kind: "tftp", file: "/t/snponly.efi", address: ADDRESS, ok: false }],
  ["05:53:50", { kind: "tftp", file: "/t/snponly.efi", address: ADDRESS, ok: false }],
  ["05:54:00", { kind: "sending", address: ADDRESS, bytes: 5 }],
  ["05:54:01", { kind: "http", uri: "/boot.ipxe", address: ADDRESS, status: 404, bytes: 146 }],
  ["05:54:02", { kind: "dhcp", message: "DHCPDISCOVER", mac: MAC, asker: "system", vendor: "udhcp 1.37.0" }],
  ["05:54:03", { kind: "dhcp", message: "DHCPDISCOVER", mac: MAC, asker: "ipxe", note: "no address available" }],
];

const SICK: Examination = {
  node: { name: "node01", mac: MAC, firmware: "uefi", address: ADDRESS, host: "10.0.100.1" },
  bmc: { power: "on", link: "up", memory: 512, bootOverride: "Disabled, None" },
  answer: undefined,
  record: { phase: "booting", at: at("05:53:17") },
  bootScript: "install",
  timeline: timelineOf(EVENTS.map(([time, event]) => ({ at: at(time), event }))),
  diagnosis: {
    cause: "tftp-stopped",
    found: "TFTP began to send snponly.efi and stopped",
    remedy:
      "Something between the machine and the provisioning host drops UDP: TFTP answers from a port of its own. Check firewalls, and the switch port's errors and MTU.",
  },
};

const plainly = (seen: Examination) => renderExamination(seen, { width: 80, bold: (text) => text });

describe("flint doctor: what the terminal shows", () => {
  it("the machine from all sides, its boot in UTC, the cause and the remedy", () =>
    assert.equal(
      plainly(SICK),
      `node01  52:54:00:00:00:01  10.0.100.50  uefi

BMC          power on, link up, 512 MiB of memory, boot override Disabled, None
address      nobody answers ssh
record       booting, since 2026-11-28 05:53:17 UTC
boot script  loads the installer

Timeline (UTC), from 2026-11-28:
  05:53:28  DHCPDISCOVER by firmware as x86-64 UEFI (7)
  05:53:28  DHCPOFFER 10.0.100.50
  05:53:33  DHCPREQUEST 10.0.100.50 by firmware as x86-64 UEFI (7)
  05:53:33  DHCPACK 10.0.100.50
  05:53:33  broke off a TFTP transfer, as firmware does that asks for the size
            first
  05:53:34  snponly.efi by TFTP: failed on the way, 3 times until 05:53:50
  05:54:01  /boot.ipxe by HTTP: 404, 146 B
  05:54:02  DHCPDISCOVER by an operating system (udhcp 1.37.0)
  05:54:03  DHCPDISCOVER by iPXE: no address available

Cause: tftp-stopped
  Found TFTP began to send snponly.efi and stopped.
  Something between the machine and the provisioning host drops UDP: TFTP
  answers from a port of its own. Check firewalls, and the switch port's errors
  and MTU.
`,
    ));

  it("a machine that is fine, and one of which nothing is known", () => {
    const { diagnosis: _, ...fine } = SICK;
    assert.match(plainly({ ...fine, answer: "system" }), /\nIt is fine: its installed system runs\.\n$/);
    assert.match(
      plainly({ ...fine, answer: "installer" }),
      /\nIt is fine: its installer is up\. `pulumi up` goes on from there\.\n$/,
    );
    assert.equal(
      plainly({ ...fine, bmc: {}, record: undefined, bootScript: "none", timeline: [] })
        .split("\n")
        .slice(2, 8)
        .join("\n"),
      `BMC          does not tell
address      nobody answers ssh
record       none on 10.0.100.1
boot script  none: a menu, then the disk

Timeline: the boot servers saw nothing of it.`,
    );
  });

  it("only the end of a long story, and how much was left out", () => {
    const timeline = Array.from({ length: 100 }, (_, i) => ({ at: at("05:00:00") + i * 1000, text: `event ${i}` }));
    const text = plainly({ ...SICK, timeline });
    assert.match(text, /Timeline \(UTC\), from 2026-11-28, without 60 earlier lines:\n {2}05:01:00 {2}event 60\n/);
  });

  it("marks title and cause only with what it is given for that", () =>
    assert.match(
      renderExamination(SICK, { width: 80, bold: (text) => `<${text}>` }),
      /^<node01 .*>\n[^<>]*\n<Cause: tftp-stopped>\n[^<>]*$/,
    ));

  it("fits into the width, and loses no word", () => {
    const text = fc.array(fc.stringMatching(/^[!-~]{1,20}$/), { minLength: 1 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(text, fc.integer({ min: 40, max: 100 }), (all, width) => {
        const lines = wrap(all, width, "  first  ");
        assert.ok(lines.every((line) => line.length <= width));
        assert.equal(lines.map((line) => line.slice(9)).join(" "), all);
      }),
    );
  });
});
