import assert from "node:assert/strict";
import fc from "fast-check";
import type { WireEvent } from "../../../../providers/bare-metal-node/wire/parse-wire.js";
import { WireReader } from "../../../../providers/bare-metal-node/wire/wire-reader.js";

const MAC = "52:54:00:15:00:01";

/** A packet as dnsmasq 2.90 logs it with log-dhcp: recorded from OVMF, iPXE 1.0.0 and busybox. */
const packet = (transaction: number, options: string[], message: string, answer: string, file = "snponly.efi") =>
  [
    "available DHCP range: 10.21.0.200 -- 10.21.0.220",
    ...options,
    `${message}(host0) ${message === "DHCPREQUEST" ? "10.21.0.51 " : ""}${MAC} `,
    "tags: flint, known, efi64, host0",
    `${answer}(host0) 10.21.0.51 ${MAC} one`,
    "requested options: 1:netmask, 3:router, 60:vendor-class, 66:tftp-server, 67:bootfile-name",
    `bootfile name: ${file}`,
    "next server: 10.21.0.1",
    "sent size:  1 option: 53 message-type  2",
  ].map((line) => `Nov 28 05:53:28 dnsmasq-dhcp[235]: ${transaction} ${line}`);

const FIRMWARE = ["vendor class: PXEClient:Arch:00007:UNDI:003000"];
const IPXE = ["vendor class: PXEClient:Arch:00007:UNDI:003010", "user class: iPXE"];

function read(lines: string[]): WireEvent[] {
  const reader = new WireReader();
  return lines.map((line) => reader.read(line)).filter((event) => event !== undefined);
}

const askers = (lines: string[]) =>
  read(lines).map((event) => (event.kind === "dhcp" ? [event.message, event.asker, event.architecture] : event.kind));

describe("BareMetalNode: who asks DHCP", () => {
  it("firmware, with its architecture", () =>
    assert.deepEqual(askers(packet(1, FIRMWARE, "DHCPDISCOVER", "DHCPOFFER")), [
      ["DHCPDISCOVER", "firmware", 7],
      ["DHCPOFFER", "firmware", 7],
    ]));

  it("firmware that boots by HTTP", () =>
    assert.deepEqual(askers(packet(1, ["vendor class: HTTPClient:Arch:00016:UNDI:003001"], "DHCPREQUEST", "DHCPACK")), [
      ["DHCPREQUEST", "firmware", 16],
      ["DHCPACK", "firmware", 16],
    ]));

  it("iPXE, which says that it is one", () =>
    assert.deepEqual(askers(packet(2, IPXE, "DHCPREQUEST", "DHCPACK")), [
      ["DHCPREQUEST", "ipxe", 7],
      ["DHCPACK", "ipxe", 7],
    ]));

  it("an operating system, with its vendor class or without one", () => {
    assert.deepEqual(read(packet(3, ["vendor class: udhcp 1.37.0"], "DHCPDISCOVER", "DHCPOFFER"))[0], {
      kind: "dhcp",
      message: "DHCPDISCOVER",
      mac: MAC,
      address: undefined,
      asker: "system",
      vendor: "udhcp 1.37.0",
    });
    assert.deepEqual(askers(packet(4, [], "DHCPREQUEST", "DHCPACK")), [
      ["DHCPREQUEST", "system", undefined],
      ["DHCPACK", "system", undefined],
    ]);
  });

  it("whose packet it was is not said of the next one", () => {
    const lines = [...packet(5, IPXE, "DHCPREQUEST", "DHCPACK"), ...packet(5, FIRMWARE, "DHCPDISCOVER", "DHCPOFFER")];
    assert.deepEqual(
      askers(lines).map(([, asker]) => asker),
      ["ipxe", "ipxe", "firmware", "firmware"],
    );
    const other = `Nov 28 05:53:28 dnsmasq-dhcp[235]: 6 DHCPDISCOVER(host0) ${MAC} `;
    assert.deepEqual(askers([...packet(5, IPXE, "DHCPREQUEST", "DHCPACK"), other]).at(-1), [
      "DHCPDISCOVER",
      undefined,
      undefined,
    ]);
  });

  it("nobody knows where the log holds no options", () =>
    assert.deepEqual(askers([`Nov 28 05:53:28 dnsmasq-dhcp[235]: 1 DHCPDISCOVER(host0) ${MAC} `]), [
      ["DHCPDISCOVER", undefined, undefined],
    ]));

  it("a transfer that firmware breaks off, to know the size, is not one that was sent", () => {
    const line = (text: string) => `Nov 28 05:53:33 dnsmasq-tftp[235]: ${text}`;
    const events = read([
      line("error 8 User aborted the transfer received from 10.21.0.51"),
      line("sent /var/lib/flint/drx/tftp/snponly.efi to 10.21.0.52"),
      line("sent /var/lib/flint/drx/tftp/snponly.efi to 10.21.0.51"),
      line("sent /var/lib/flint/drx/tftp/snponly.efi to 10.21.0.51"),
    ]);
    assert.deepEqual(
      events.map((event) => (event.kind === "tftp" || event.kind === "tftp-begun" ? [event.kind, event.address] : [])),
      [
        ["tftp-begun", "10.21.0.51"],
        ["tftp", "10.21.0.52"],
        ["tftp-begun", "10.21.0.51"],
        ["tftp", "10.21.0.51"],
      ],
    );
  });

  it("no sequence of lines makes it fail", () => {
    const some = [...packet(7, IPXE, "DHCPREQUEST", "DHCPACK"), ...packet(8, FIRMWARE, "DHCPDISCOVER", "DHCPOFFER")];
    const lines = fc.array(fc.oneof(fc.constantFrom(...some), fc.string()));
    fc.assert(fc.property(lines, (all) => read(all).length <= all.length));
  });
});
