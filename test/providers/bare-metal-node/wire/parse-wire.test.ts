import assert from "node:assert/strict";
import fc from "fast-check";
import { parseWire } from "../../../../providers/bare-metal-node/wire/parse-wire.js";

const MAC = "52:54:00:00:00:01";
const dhcp = (message: string, address?: string) => ({ kind: "dhcp", message, mac: MAC, address });

describe("BareMetalNode: what the boot servers log", () => {
  // dnsmasq 2.90 with log-dhcp, log-facility=file.
  const lines: [string, unknown][] = [
    [`Nov 22 12:00:00 dnsmasq-dhcp[77]: 1369245391 DHCPDISCOVER(host0) ${MAC} `, dhcp("DHCPDISCOVER")],
    [
      `Nov 22 12:00:00 dnsmasq-dhcp[77]: 1369245391 DHCPDISCOVER(host0) 10.0.100.9 ${MAC} `,
      dhcp("DHCPDISCOVER", "10.0.100.9"),
    ],
    [
      `Nov 22 12:00:00 dnsmasq-dhcp[77]: 1369245391 DHCPOFFER(host0) 10.0.100.50 ${MAC} `,
      dhcp("DHCPOFFER", "10.0.100.50"),
    ],
    [
      `Nov 22 12:00:01 dnsmasq-dhcp[77]: 1369245391 DHCPREQUEST(host0) 10.0.100.50 ${MAC} `,
      dhcp("DHCPREQUEST", "10.0.100.50"),
    ],
    [
      `Nov 22 12:00:01 dnsmasq-dhcp[77]: 1369245391 DHCPACK(host0) 10.0.100.50 ${MAC} node01`,
      dhcp("DHCPACK", "10.0.100.50"),
    ],
    [
      `Nov 22 12:00:01 dnsmasq-dhcp[77]: 1369245391 DHCPNAK(host0) 10.0.100.50 ${MAC} wrong network`,
      { ...dhcp("DHCPNAK", "10.0.100.50"), note: "wrong network" },
    ],
    [
      `Nov 22 12:00:01 dnsmasq-dhcp[77]: 1369245391 DHCPDISCOVER(host0) ${MAC.toUpperCase()} no address available`,
      { ...dhcp("DHCPDISCOVER"), note: "no address available" },
    ],
    [
      `Nov 22 12:00:01 dnsmasq-dhcp[77]: 1369245391 PXE(host0) 10.0.100.50 ${MAC} snponly.efi`,
      dhcp("PXE", "10.0.100.50"),
    ],
    [`Nov 22 12:00:01 dnsmasq-dhcp[77]: 1369245391 PXE(host0) ${MAC} proxy`, dhcp("PXE")],
    [
      "Nov 22 12:00:02 dnsmasq-tftp[77]: sent /var/lib/flint/dev/tftp/snponly.efi to 10.0.100.50",
      { kind: "tftp", file: "/var/lib/flint/dev/tftp/snponly.efi", address: "10.0.100.50", ok: true },
    ],
    [
      "Nov 22 12:00:02 dnsmasq-tftp[77]: failed sending /var/lib/flint/dev/tftp/snponly.efi to 10.0.100.50",
      { kind: "tftp", file: "/var/lib/flint/dev/tftp/snponly.efi", address: "10.0.100.50", ok: false },
    ],
    [
      "Nov 22 12:00:02 dnsmasq-tftp[77]: file /var/lib/flint/dev/tftp/autoexec.ipxe not found for 10.0.100.50",
      { kind: "tftp", file: "/var/lib/flint/dev/tftp/autoexec.ipxe", address: "10.0.100.50", ok: false, missing: true },
    ],
    [
      "Nov 22 12:00:02 dnsmasq-tftp[77]: error 8 User aborted the transfer received from 10.0.100.50",
      { kind: "tftp-begun", address: "10.0.100.50" },
    ],
    [
      '{"t":"2026-11-22T12:00:03+00:00","msec":1795348803.123,"ip":"10.0.100.50","method":"GET","uri":"/boot.ipxe","status":200,"bytes":312,"seconds":0.001,"agent":"iPXE/1.21.1"}',
      { kind: "http", uri: "/boot.ipxe", address: "10.0.100.50", status: 200, bytes: 312 },
    ],
    // iproute2 6.1, IPv4 and IPv4 in IPv6.
    [
      "ss ESTAB 0      3804160 10.0.100.1:80 10.0.100.50:50450 cubic wscale:10,10 rto:208 rtt:4.4/8.9 mss:1448 cwnd:15 bytes_sent:128206 bytes_acked:120000 bytes_received:21 ",
      { kind: "sending", address: "10.0.100.50", bytes: 120000 },
    ],
    [
      "ss ESTAB 0 0 [::ffff:10.0.100.1]:80 [::ffff:10.0.100.50]:50450 cubic bytes_sent:8 bytes_acked:7",
      { kind: "sending", address: "10.0.100.50", bytes: 7 },
    ],
  ];
  for (const [line, event] of lines) it(line, () => assert.deepEqual(parseWire(line), event));

  for (const line of [
    "",
    "tick",
    "Nov 22 12:00:00 dnsmasq-dhcp[77]: read /var/lib/flint/dev/dnsmasq/hosts.d/node01",
    "Nov 22 12:00:00 dnsmasq-dhcp[77]: 1369245391 tags: flint, known, host0",
    "ss ESTAB 0 0 10.0.100.1:80 10.0.100.50:50450 cubic bytes_received:21",
    '{"ip":"10.0.100.50"}',
    '{"ip":"10.0.100.50","uri":"/boot.ipxe",',
  ])
    it(`says nothing of a boot: "${line}"`, () => assert.equal(parseWire(line), undefined));

  it("no line makes it fail", () => {
    fc.assert(
      fc.property(fc.constantFrom("", "ss ", "{", "DHCPACK(", "sent /"), fc.string(), (start, rest) => {
        parseWire(start + rest);
      }),
      { numRuns: 2000 },
    );
  });
});
